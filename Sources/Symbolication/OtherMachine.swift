internal import Glibc

/// The machine that a session was recorded on and that is not this one, as far as the two can be told apart.
package struct OtherMachine: Hashable, Sendable {
    /// As a message names it.
    package let name: String
    /// Its host has another name. Else it may be this one under another kernel, whose JIT compilers' files still prove themselves by their
    /// times.
    package let isOtherHost: Bool

    /// `nil` where what the session says of its host and kernel is true of this machine, or where it says nothing.
    ///
    /// - Parameter kernelBuildID: releases are built more than once.
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
    /// Why something that is known by its path or address alone has no name: the same for all of it, so that it is said once.
    var distrust: ImageError? { otherMachine.map { ImageError(path: $0.name, reason: .otherMachine) } }
}
