internal import ELFImages

/// Finds the files that hold the symbols of a mapped image, and builds a symbol table from them.
struct ImageLoader {
    let style: NameStyle
    let settings: SymbolSettings

    /// The symbols found for an image.
    struct Found: Sendable {
        var table: SymbolTable
        /// Why the table has fewer names than it could.
        var problem: ImageError?
        /// What was not read of the files.
        var limits: [ReadingLimit] = []
        /// The files that were read, and how many bytes each has on disk.
        var files: [FileWeight] = []
    }

    /// The table of an ELF file. With a recorded build ID, files of any other build are passed over.
    func table(path: String, buildID: [UInt8]?) -> Result<Found, ImageError> {
        if let found = foundFile(path, buildID) { return table(at: found, of: path, buildID: buildID) }
        if buildID == nil, let distrust = settings.distrust { return .failure(distrust) }
        if buildID == nil, style == .best, settings.otherFiles.contains(path), case .success = probe(path, nil) {
            return .failure(ImageError(path: path, reason: .otherFile))
        }
        return table(at: path, of: path, buildID: buildID)
    }

    /// A path to a recorded file that its recorded path does not lead to.
    private func foundFile(_ path: String, _ buildID: [UInt8]?) -> String? {
        let found = settings.found.files[path]?.first {
            buildID.map { [known = $0.buildID] in BuildIDs.match(recorded: $0, found: known ?? []) } ?? $0.isOnlyOfPath
        }
        return found?.openPath
    }

    /// The table of the file at `place`, which was recorded as `path`.
    private func table(at place: String, of path: String, buildID: [UInt8]?) -> Result<Found, ImageError> {
        var problem: ImageError.Reason?
        var runtime: String?
        var own: ELFLayout?
        var ownHasSymbolTable = false
        switch probe(place, buildID) {
        case .success(let layout):
            runtime = place
            own = layout
            ownHasSymbolTable = layout.section(named: ".symtab") != nil
        case .failure(let reason): problem = reason
        }
        var debugFile: String?
        var other: ImageError?
        if ownHasSymbolTable == false || style == .perf {
            let otherFile = forEachDebugFile(of: path, own, buildID: buildID) { candidate, layout in
                // The candidate is a whole copy, such as perf keeps in its cache.
                if runtime == nil, layout.section(named: ".dynsym")?.type == Self.dynamicSymbols { runtime = candidate }
                let isWhole = layout.section(named: ".symtab")?.type == Self.symbolTable
                if isWhole { debugFile = candidate }
                return isWhole
            }
            other = otherFile.map { ImageError(path: path, reason: .otherDebugFile($0)) }
        }
        if runtime == nil, debugFile == nil, style == .best, let buildID {
            runtime = settings.debugServer?.executable(buildID: buildID)
        }
        guard let file = runtime ?? debugFile else {
            return .failure(ImageError(path: path, reason: problem ?? .file(.notELF)))
        }
        return read(file, debugFile: debugFile).map { image in
            let ofGo = style == .best ? image.goTableProblem : nil
            return Found(
                table: table(of: image), problem: other ?? ofGo.map { ImageError(path: path, reason: .goTable($0)) },
                limits: image.limits, files: image.files)
        }.mapError { reason(path, $0) }
    }

    private static let symbolTable: UInt32 = 2
    private static let dynamicSymbols: UInt32 = 11

    private func reason(_ path: String, _ error: ELFError) -> ImageError {
        ImageError(path: path, reason: .file(error))
    }

    func probe(_ path: String, _ buildID: [UInt8]?) -> Result<ELFLayout, ImageError.Reason> {
        let layout: ELFLayout
        do {
            layout = try ELFFile(path: path).layout
        } catch {
            return .failure(.file(error))
        }
        if let buildID, !BuildIDs.match(recorded: buildID, found: layout.buildID ?? []) {
            return .failure(.otherBuild(recorded: buildID, found: layout.buildID ?? []))
        }
        return .success(layout)
    }

    /// The file whose code ran: the mapped one, or a whole copy of the recorded build.
    func runtimeFile(path: String, buildID: [UInt8]?) -> ELFFile? {
        if let found = foundFile(path, buildID), case .success = probe(found, buildID) {
            return try? ELFFile(path: found)
        }
        if buildID == nil, settings.otherMachine != nil || settings.otherFiles.contains(path) { return nil }
        if case .success = probe(path, buildID) { return try? ELFFile(path: path) }
        guard let buildID else { return nil }
        var copy: String?
        forEachDebugFile(of: path, nil, buildID: buildID) { candidate, layout in
            let isWhole = layout.section(named: ".dynsym")?.type == Self.dynamicSymbols
            if isWhole { copy = candidate }
            return isWhole
        }
        guard let found = copy ?? (style == .best ? settings.debugServer?.executable(buildID: buildID) : nil),
            case .success = probe(found, buildID)
        else { return nil }
        return try? ELFFile(path: found)
    }

    /// This machine's vDSO, if it is the recorded one.
    func vdso(buildID: [UInt8]?) -> ELFFile? {
        guard buildID != nil || settings.otherMachine == nil, let bytes = VirtualDSO.bytesOfThisMachine(),
            let file = try? ELFFile(bytes: bytes)
        else { return nil }
        let isRecorded = buildID.map { BuildIDs.match(recorded: $0, found: file.layout.buildID ?? []) } ?? true
        guard isRecorded else { return nil }
        return consume file
    }

    private func read(_ path: String, debugFile: String?) -> Result<ELFImage, ELFError> {
        do throws(ELFError) {
            let file = try ELFFile(path: path)
            guard let debugFile, debugFile != path else { return .success(ELFImage(reading: file)) }
            let debug = try ELFFile(path: debugFile)
            return .success(ELFImage(reading: file, debugFile: debug, withDynamicSymbols: style == .best))
        } catch {
            return .failure(error)
        }
    }

    func table(of image: ELFImage) -> SymbolTable {
        switch style {
        case .perf: SymbolTable(image, view: .perf, demangled: Demangler.perf)
        case .best: SymbolTable(image, view: .best, demangled: Demangler.readable)
        }
    }

    /// The table of the vDSO: this machine's own, when it is the build that was recorded, or a copy in perf's cache.
    func vdsoTable(buildID: [UInt8]?, isInSession: Bool) -> Result<SymbolTable, ImageError> {
        let path = "[vdso]"
        var found: [UInt8] = []
        if buildID == nil, let distrust = settings.distrust { return .failure(distrust) }
        // perf uses nothing but its cache once the session has a build ID for the vDSO.
        if style == .best || !isInSession, let bytes = VirtualDSO.bytesOfThisMachine(),
            let image = try? ELFImage(bytes: bytes)
        {
            found = image.layout.buildID ?? []
            if buildID.map({ BuildIDs.match(recorded: $0, found: found) }) ?? true { return .success(table(of: image)) }
        }
        if let buildID, let cache = settings.buildIDCache, let entry = BuildIDs.path(in: cache, buildID),
            case .success = probe(entry + "/vdso", buildID)
        {
            return read(entry + "/vdso", debugFile: nil).map(table(of:)).mapError { reason(path, $0) }
        }
        return .failure(ImageError(path: path, reason: .otherBuild(recorded: buildID ?? [], found: found)))
    }
}
