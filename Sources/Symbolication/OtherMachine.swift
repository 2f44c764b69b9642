internal import Glibc

/// The machine that a session was recorded on, if it is known to differ from this one.
package struct OtherMachine: Hashable, Sendable {
    /// Its host name and kernel release, for messages.
    package let name: String
    /// Whether its host name differs from this one's. If not, it may be this machine under another kernel; then JIT
    /// compilers' files can still be verified by their times.
    package let isOtherHost: Bool

    /// `nil` if the session's host and kernel are this machine's, or if the session names neither.
    ///
    /// - Parameter kernelBuildID: tells apart builds of one kernel release.
    package init?(
        host: String?, release: String?, kernelBuildID: [UInt8]? = nil, kernelNotes: String = "/sys/kernel/notes"
    ) {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return nil }
        let ownHost = unsafe withUnsafeBytes(of: &names.nodename) { unsafe Array($0.prefix { $0 != 0 }) }
        let ownRelease = unsafe withUnsafeBytes(of: &names.release) { unsafe Array($0.prefix { $0 != 0 }) }
        isOtherHost = host.map { Array($0.utf8) != ownHost } ?? false
        var isOther = isOtherHost || release.map { Array($0.utf8) != ownRelease } ?? false
        if !isOther, let kernelBuildID,
            let running = TextFile.bytes(kernelNotes, limit: 1 << 20).flatMap(BuildIDs.inNotes), !running.isEmpty
        {
            isOther = !BuildIDs.match(recorded: kernelBuildID, found: running)
        }
        guard isOther else { return nil }
        name = [host, release.map { "Linux \($0)" }].compactMap { $0 }.joined(separator: ", ")
    }
}

extension SymbolSettings {
    /// Why things known only by path or address have no name. The error is the same for all, so that it is reported
    /// once.
    var distrust: ImageError? { otherMachine.map { ImageError(path: $0.name, reason: .otherMachine) } }
}
