internal import ELFImages

/// Finds the file, or the files, that hold the symbols of a mapped image, and makes their table.
struct ImageLoader {
    let style: NameStyle
    let settings: SymbolSettings

    /// The table of an ELF file. With a recorded build ID, files of any other build are passed over.
    func table(path: String, buildID: [UInt8]?) -> Result<SymbolTable, ImageProblem> {
        if let found = foundFile(path, buildID) { return table(at: found, of: path, buildID: buildID) }
        if buildID == nil, style == .best, settings.otherFiles.contains(path), case .success = probe(path, nil) {
            return .failure(ImageProblem(path: path, reason: .otherFile))
        }
        return table(at: path, of: path, buildID: buildID)
    }

    /// Where a file is that its path does not lead to.
    private func foundFile(_ path: String, _ buildID: [UInt8]?) -> String? {
        let found = settings.foundFiles[path]?.first {
            buildID.map { [known = $0.buildID] in BuildIDs.match(recorded: $0, found: known ?? []) } ?? $0.isOnlyOfPath
        }
        return found?.openPath
    }

    /// The table of the file that `place` leads to, and that was recorded as `path`.
    private func table(at place: String, of path: String, buildID: [UInt8]?) -> Result<SymbolTable, ImageProblem> {
        var problem: ImageProblem.Reason?
        var runtime: String?
        var known = buildID
        var debugLink: String?
        var ownHasSymbolTable = false
        switch probe(place, buildID) {
        case .success(let layout):
            runtime = place
            known = known ?? layout.buildID
            debugLink = layout.debugLink
            ownHasSymbolTable = layout.section(named: ".symtab") != nil
        case .failure(let reason): problem = reason
        }
        if let known, ownHasSymbolTable == false || style == .perf {
            for candidate in debugFiles(of: path, debugLink: debugLink, buildID: known) where candidate != path {
                guard case .success(let layout) = probe(candidate, known) else { continue }
                // A whole copy, such as perf keeps in its cache.
                if runtime == nil, layout.section(named: ".dynsym")?.type == Self.dynamicSymbols { runtime = candidate }
                if layout.section(named: ".symtab")?.type == Self.symbolTable {
                    return read(runtime ?? candidate, debugFile: candidate).mapError { reason(path, $0) }
                }
            }
        }
        guard let runtime else { return .failure(ImageProblem(path: path, reason: problem ?? .file(.notELF))) }
        return read(runtime, debugFile: nil).mapError { reason(path, $0) }
    }

    private static let symbolTable: UInt32 = 2
    private static let dynamicSymbols: UInt32 = 11

    private func reason(_ path: String, _ error: ELFError) -> ImageProblem {
        ImageProblem(path: path, reason: .file(error))
    }

    private func probe(_ path: String, _ buildID: [UInt8]?) -> Result<ELFLayout, ImageProblem.Reason> {
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
        if buildID == nil, settings.otherFiles.contains(path) { return nil }
        if case .success = probe(path, buildID) { return try? ELFFile(path: path) }
        guard let buildID else { return nil }
        for candidate in debugFiles(of: path, debugLink: nil, buildID: buildID) where candidate != path {
            guard case .success(let layout) = probe(candidate, buildID),
                layout.section(named: ".dynsym")?.type == Self.dynamicSymbols
            else { continue }
            return try? ELFFile(path: candidate)
        }
        return nil
    }

    /// This machine's vDSO, where it is the one that was recorded.
    func vdso(buildID: [UInt8]?) -> ELFFile? {
        guard buildID != nil || !settings.isOfAnotherKernel, let bytes = VirtualDSO.bytesOfThisMachine(),
            let file = try? ELFFile(bytes: bytes)
        else { return nil }
        let isRecorded = buildID.map { BuildIDs.match(recorded: $0, found: file.layout.buildID ?? []) } ?? true
        guard isRecorded else { return nil }
        return consume file
    }

    private func read(_ path: String, debugFile: String?) -> Result<SymbolTable, ELFError> {
        do {
            let file = try ELFFile(path: path)
            guard let debugFile, debugFile != path else {
                return .success(table(of: ELFImage(reading: file)))
            }
            let debug = try ELFFile(path: debugFile)
            let image = ELFImage(reading: file, debugFile: debug, withDynamicSymbols: style == .best)
            return .success(table(of: image))
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

    /// Where separate debug files are looked for, in perf's order (`binary_type_symtab`).
    private func debugFiles(of path: String, debugLink: String?, buildID: [UInt8]) -> [String] {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        var files: [String] = []
        if let debugLink {
            files += ["\(directory)/\(debugLink)", "\(directory)/.debug/\(debugLink)"]
            files.append("\(settings.debugDirectory)\(directory)/\(debugLink)")
        }
        if let cache = settings.buildIDCache, let entry = BuildIDs.path(in: cache, buildID) {
            files += [entry + "/elf", entry + "/debug"]
        }
        files += ["\(settings.debugDirectory)\(path).debug", "\(settings.debugDirectory)\(path)"]
        if let entry = BuildIDs.path(in: settings.debugDirectory, buildID) { files.append(entry + ".debug") }
        return files
    }

    /// The table of the vDSO: this machine's own, when it is the build that was recorded, or a copy in perf's cache.
    func vdsoTable(buildID: [UInt8]?, isInSession: Bool) -> Result<SymbolTable, ImageProblem> {
        let path = "[vdso]"
        var found: [UInt8] = []
        // perf looks no further than its cache once the session has a build ID for it.
        let isForeign = buildID == nil && settings.isOfAnotherKernel
        if !isForeign, style == .best || !isInSession, let bytes = VirtualDSO.bytesOfThisMachine(),
            let image = try? ELFImage(bytes: bytes)
        {
            found = image.layout.buildID ?? []
            if buildID.map({ BuildIDs.match(recorded: $0, found: found) }) ?? true { return .success(table(of: image)) }
        }
        if let buildID, let cache = settings.buildIDCache, let entry = BuildIDs.path(in: cache, buildID),
            case .success = probe(entry + "/vdso", buildID)
        {
            return read(entry + "/vdso", debugFile: nil).mapError { reason(path, $0) }
        }
        return .failure(ImageProblem(path: path, reason: .otherBuild(recorded: buildID ?? [], found: found)))
    }
}
