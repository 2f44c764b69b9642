internal import ELFImages

extension ImageLoader {
    /// Calls `body` with each separate debug file of the recorded build, until it returns true. `layout` is that of the
    /// file whose code ran, if that is here. A debug file must have the build ID, or without one the checksum in
    /// `.gnu_debuglink`.
    ///
    /// Returns the first file in such a place that belongs to another build, unless `body` returned true.
    @discardableResult
    func forEachDebugFile(
        of path: String, _ layout: ELFLayout?, buildID: [UInt8]?, _ body: (String, ELFLayout) -> Bool
    ) -> String? {
        var other: String?
        guard let known = buildID ?? layout?.buildID else {
            guard style == .best, let link = layout?.debugLink, let checksum = layout?.debugLinkChecksum else {
                return nil
            }
            for candidate in linkedFiles(of: path, link) where candidate != path {
                guard let layout = try? ELFFile(path: candidate).layout else { continue }
                if FileChecksum.of(path: candidate) == checksum {
                    if body(candidate, layout) { return nil }
                } else {
                    other = other ?? candidate
                }
            }
            return other
        }
        for candidate in debugFiles(of: path, debugLink: layout?.debugLink, buildID: known) where candidate != path {
            switch probe(candidate, known) {
            case .success(let layout): if body(candidate, layout) { return nil }
            // A file without a build ID may be anything.
            case .failure(.otherBuild(_, let found)): if !found.isEmpty { other = other ?? candidate }
            case .failure: break
            }
        }
        if style == .best, let fetched = settings.debugServer?.debugFile(buildID: known),
            case .success(let layout) = probe(fetched, known), body(fetched, layout)
        {
            return nil
        }
        return other
    }

    /// Where to look for separate debug files, in perf's order (`binary_type_symtab`).
    private func debugFiles(of path: String, debugLink: String?, buildID: [UInt8]) -> [String] {
        var files = debugLink.map { linkedFiles(of: path, $0) } ?? []
        if let cache = settings.buildIDCache, let entry = BuildIDs.path(in: cache, buildID) {
            files += [entry + "/elf", entry + "/debug"]
        }
        files += ["\(settings.debugDirectory)\(path).debug", "\(settings.debugDirectory)\(path)"]
        if let entry = BuildIDs.path(in: settings.debugDirectory, buildID) { files.append(entry + ".debug") }
        return files
    }

    private func linkedFiles(of path: String, _ debugLink: String) -> [String] {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        return [
            "\(directory)/\(debugLink)", "\(directory)/.debug/\(debugLink)",
            "\(settings.debugDirectory)\(directory)/\(debugLink)",
        ]
    }
}
