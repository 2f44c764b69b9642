/// Something in a session that costs time or leaks, and what to do about it.
public struct Finding: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Hashable, Sendable {
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
        /// A parent looked again and again whether its child had ended.
        case pollingWait = "polling-wait"
        /// The dynamic linker has a large share.
        case dynamicLinking = "dynamic-linking"
        /// Functions of an interpreted program asked for spawns, and could have been named.
        case unnamedFunctions = "unnamed-functions"
    }

    public var kind: Kind
    /// A plain sentence or two, with the numbers that prove it.
    public var text: String
    /// The time that would be saved, nanoseconds, all spawns together; `nil` where that is not known.
    public var saving: UInt64?
    /// A `CallSite.id`.
    public var callSite: Int

    public init(kind: Kind, text: String, saving: UInt64?, callSite: Int) {
        self.kind = kind
        self.text = text
        self.saving = saving
        self.callSite = callSite
    }

    /// How many a report has.
    public static let most = 5
}
