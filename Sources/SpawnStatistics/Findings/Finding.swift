/// Something in a session that costs time or leaks, and what to do about it.
package struct Finding: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Exec attempts failed before one succeeded.
        case pathSearch = "path-search"
        /// A program was started by fork, which copies the spawner's page tables.
        case slowFork = "slow-fork"
        /// Programs were given an environment of many kilobytes, which each exec copies.
        case largeEnvironment = "large-environment"
        /// Children closed descriptors one by one before their exec.
        case closingDescriptors = "closing-descriptors"
        /// Children were never reaped.
        case neverReaped = "never-reaped"
        /// A parent checked repeatedly whether its child had ended.
        case pollingWait = "polling-wait"
        /// The dynamic linker has a large share.
        case dynamicLinking = "dynamic-linking"
        /// Functions of an interpreted program created spawns, and could have been named.
        case unnamedFunctions = "unnamed-functions"
    }

    package var kind: Kind
    /// One or two plain sentences, with the numbers that prove it.
    package var text: String
    /// Nanoseconds that would be saved over all spawns; `nil` if unknown.
    package var saving: UInt64?
    /// A `CallSite.id`.
    package var callSite: Int

    package init(kind: Kind, text: String, saving: UInt64?, callSite: Int) {
        self.kind = kind
        self.text = text
        self.saving = saving
        self.callSite = callSite
    }

    /// The largest number of findings in a report.
    package static let most = 5
}
