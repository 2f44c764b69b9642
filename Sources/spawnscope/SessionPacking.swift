internal import ArgumentParser
internal import Glibc
internal import Packing
internal import PerfData
internal import Symbolication

/// Packs a session file in its own place: written beside it, and put there when it is complete.
struct SessionPacking {
    let outcome: SessionPacker.Outcome
    private let name: String

    /// `output` is another place for the result; `nil` for the session's own.
    static func pack(
        _ file: PerfDataFile, at session: String, to output: String?, foundFiles: [String: [FoundFile]] = [:],
        debugServer: DebugServer? = nil
    ) throws(PackingError) -> SessionPacking {
        if let output {
            let outcome = try SessionPacker.pack(
                file, to: output, foundFiles: foundFiles, debugServer: debugServer)
            return SessionPacking(outcome: outcome, name: output)
        }
        // Where a link leads to, so that it stays a link.
        let place = Self.resolved(session)
        let temporary = place + ".packing"
        _ = unsafe unlink(temporary)
        let nameless = Self.nameless(beside: place)
        defer { if nameless >= 0 { close(nameless) } }
        let outcome: SessionPacker.Outcome
        do throws(PackingError) {
            outcome = try SessionPacker.pack(
                file, to: nameless >= 0 ? "/proc/self/fd/\(nameless)" : temporary, foundFiles: foundFiles,
                debugServer: debugServer)
        } catch .write(.system(let operation, _, let code)) {
            throw .write(.system(operation: operation, path: "the packed session beside \(session)", code: code))
        }
        let isNamed =
            unsafe nameless < 0
            || linkat(AT_FDCWD, "/proc/self/fd/\(nameless)", AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) == 0
        var status = stat()
        if isNamed, unsafe stat(place, &status) == 0 {
            _ = unsafe chown(temporary, status.st_uid, status.st_gid)
            _ = unsafe chmod(temporary, status.st_mode & 0o7777)
        }
        guard isNamed, unsafe rename(temporary, place) == 0 else {
            let code = errno
            _ = unsafe unlink(temporary)
            throw .write(.system(operation: "replace", path: session, code: code))
        }
        return SessionPacking(outcome: outcome, name: session)
    }

    /// A new file without a name in the same directory, so that nothing is left of it where packing is interrupted; negative where
    /// the file system has none.
    private static func nameless(beside path: String) -> Int32 {
        let directory = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        // O_TMPFILE of open(2), which the importer does not see.
        let withoutName = 0o20_000_000 | O_DIRECTORY
        return unsafe open(directory.isEmpty ? "/" : String(directory), O_RDWR | O_CLOEXEC | withoutName, 0o600)
    }

    private static func resolved(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    var lines: [String] {
        var lines = [
            "packed from \(Quantity.bytes(outcome.sizeBefore)) to \(Quantity.bytes(outcome.size)) in \(name):"
                + " \(outcome.stacks) stacks unwound, \(outcome.symbols) names stored"
        ]
        if outcome.truncatedStacks > 0 { lines.append("\(outcome.truncatedStacks) of the stacks are truncated") }
        if outcome.undecodedSamples > 0 {
            lines.append("\(outcome.undecodedSamples) damaged samples were left out")
        }
        return lines + outcome.remarks.prefix(16)
    }

    static func message(of error: PackingError) -> String {
        switch error {
        case .packedAlready(let path): "\(path) is packed already"
        case .auxiliaryTrace(let path):
            "\(path): holds an AUX area trace, which would be lost; it can be read as it is"
        case .write(let error): "\(error)"
        }
    }

    static func status(of error: PackingError) -> ExitCode {
        switch error {
        case .packedAlready, .auxiliaryTrace: ExitStatus.dataError
        case .write: ExitStatus.cannotCreate
        }
    }
}
