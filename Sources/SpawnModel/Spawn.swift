/// How a process was made, from the flags that `task:task_newtask` shows for every way of creating.
public enum CreationMethod: String, Hashable, Sendable, CaseIterable {
    case fork, vfork, clone

    /// CLONE_VFORK is vfork (posix_spawn and Go too); a clone that shares something or makes a namespace is clone; else fork.
    /// CLONE_PIDFD, the SETTID and CLEARTID bits and the exit signal do not matter. (linux/sched.h)
    public init(cloneFlags: UInt64) {
        if cloneFlags & 0x4000 != 0 {
            self = .vfork
        } else {
            self = cloneFlags & Self.sharingOrNamespace != 0 ? .clone : .fork
        }
    }

    /// CLONE_VM, FS, FILES, SIGHAND, PTRACE, PARENT, SYSVSEM, IO; NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER,
    /// NEWPID, NEWNET, NEWTIME; INTO_CGROUP.
    private static let sharingOrNamespace: UInt64 =
        0x100 | 0x200 | 0x400 | 0x800 | 0x2000 | 0x8000 | 0x4_0000 | 0x8000_0000
        | 0x2_0000 | 0x200_0000 | 0x400_0000 | 0x800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000 | 0x80
        | 0x2_0000_0000

    static let threadFlag: UInt64 = 0x1_0000
}

/// One process creation together with its first successful exec, if it has one.
public struct Spawn: Hashable, Sendable {
    public enum Outcome: String, Hashable, Sendable {
        case executed
        /// No exec attempt at all: a worker, or a child that died before its first.
        case forked
        /// Attempts, none of which succeeded, whatever the child did then.
        case failed
    }

    public var pid: Int32
    /// The spawner's process and thread.
    public var parentPID: Int32
    public var parentTID: Int32
    /// `nil` where the session has no clone flags.
    public var method: CreationMethod?
    /// What the caller of the model passed with the creation: a stack, by its number. `nil` without a stack.
    public var callSite: UInt32?
    public var ancestry: AncestryTable.Node
    public var createdAt: UInt64
    public var outcome: Outcome
    /// Of the first exec, as passed to it.
    public var path: String?
    public var execs: Int
    public var failedAttempts: Int
    /// The exit code, where the process asked to exit.
    public var status: Int32?
    /// The signal that ended it.
    public var signal: Int32?
    /// `nil`: still running when the session ended.
    public var endedAt: UInt64?

    public var isUnfinished: Bool { endedAt == nil }
}

/// Counts over a session, by DESIGN's rules: the root and its own first exec are in none of them.
public struct SpawnTotals: Hashable, Sendable {
    /// executed + forked + failed.
    public var spawns = 0
    public var executed = 0
    public var forked = 0
    public var failed = 0
    /// Every successful exec of the lineage, chains included.
    public var execs = 0
    public var failedAttempts = 0
    /// Creating calls that returned an error.
    public var failedCreations = 0
    /// Spawns without an end in the session.
    public var unfinished = 0

    public init() {}
}
