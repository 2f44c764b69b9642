/// How a process was created, from the flags that `task:task_newtask` has for every creating call.
package enum CreationMethod: String, Hashable, Sendable, CaseIterable {
    case fork, vfork, clone

    /// CLONE_VFORK is vfork (posix_spawn and Go too); a clone that shares something or makes a namespace is clone; else
    /// it is fork. CLONE_PIDFD, the SETTID and CLEARTID bits and the exit signal do not matter (linux/sched.h).
    package init(cloneFlags: UInt64) {
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
    static let parentFlag: UInt64 = 0x8000
    static let pidNamespaceFlag: UInt64 = 0x2000_0000
    /// CLONE_INTO_CGROUP.
    static let otherGroupFlag: UInt64 = 0x2_0000_0000
}

/// One process creation together with its first successful exec, if it has one.
package struct Spawn: Hashable, Sendable {
    package enum Outcome: String, Hashable, Sendable {
        case executed
        /// No exec attempt at all: a worker, or a child that died before its first.
        case forked
        /// It attempted execs, none of which succeeded, whatever it did afterwards.
        case failed
    }

    package var pid: Int32
    /// The spawner's process and thread.
    package var parentPID: Int32
    package var parentTID: Int32
    /// `nil` if the session has no clone flags.
    package var method: CreationMethod?
    /// The number of the stack that was passed to `SpawnTracker.handle` with the creation; `nil` without a stack.
    package var callSite: UInt32?
    package var ancestry: AncestryTable.Node
    package var borders: SpawnBorders
    package var outcome: Outcome
    /// The path that was passed to the first exec.
    package var path: String?
    /// The file that the first exec executed; `nil` if the session does not record it.
    package var file: String?
    /// The programs of later execs, at most `mostLaterImages`.
    package var laterImages: [ProgramImage] = []
    package var execs: Int
    package var failedAttempts: Int
    /// The recorder stopped it before it ran, and saw none of its calls: the times until then, and of an exec, are not its own.
    package var wasStopped = false
    /// Bytes of the argument and environment strings of its first exec, with their NULs; `nil` if the session does not
    /// record it.
    package var argumentBytes: UInt64?
    package var environmentBytes: UInt64?
    /// Bytes of the spawner's page tables at the creation, and of its resident memory as accurately as the kernel had
    /// it; `nil` if the session does not record them.
    package var spawnerPageTables: UInt64?
    package var spawnerResident: UInt64?
    /// The id of the control group that it was in when it executed its last program, or else when it was created; `nil` if
    /// the session does not tell it.
    package var group: UInt64?
    /// The exit code, if the process asked to exit.
    package var status: Int32?
    /// The signal that ended it.
    package var signal: Int32?
    /// Who sent `signal`; `nil` if the session does not record it.
    package var signalSender: SignalSender?
    /// Nanoseconds that the spawner's thread spent in the creating call; `nil` if its return was not seen.
    package var blockedCreating: UInt64?
    /// Nanoseconds that threads of the spawner's process spent in waits that returned this child.
    package var blockedWaiting: UInt64 = 0
    /// Waits that could have reaped it and returned nothing, although no child of its parent had been created or had
    /// ended since the wait before. 0 if a wait that blocked reaped it in the end, or if the session does not record
    /// it.
    package var polls = 0
    /// It ended while its parent lived, and no wait reaped it before the parent or the session ended.
    package var isUnreaped = false
    /// Its parent's last thread ended before it did.
    package var isOrphaned = false
    /// Facts that are unknown for this spawn, about which the other fields say nothing.
    package var unknown = UnknownFacts()
    /// When the parent ended, if the spawn is orphaned.
    package var parentEnded: UInt64?

    package static let mostLaterImages = 15

    package init(
        pid: Int32, parentPID: Int32, parentTID: Int32, method: CreationMethod?, callSite: UInt32?,
        ancestry: AncestryTable.Node, borders: SpawnBorders, outcome: Outcome, path: String?, execs: Int,
        failedAttempts: Int
    ) {
        self.pid = pid
        self.parentPID = parentPID
        self.parentTID = parentTID
        self.method = method
        self.callSite = callSite
        self.ancestry = ancestry
        self.borders = borders
        self.outcome = outcome
        self.path = path
        self.execs = execs
        self.failedAttempts = failedAttempts
    }

    /// The programs that it executed, in order: `env`, then the program that `env` starts. Empty if it executed none.
    package var images: [ProgramImage] {
        guard outcome == .executed else { return [] }
        let first = ProgramImage(path: path, file: file)
        return laterImages.isEmpty ? [first] : [first] + laterImages
    }

    /// The names of `images`.
    package var programs: [String] { images.map(\.name) }

    /// What stands in the place of a program's name: `[forked]` or `[failed]`, `[no exec]` if it is not known which;
    /// `nil` if it executed one.
    package var mark: String? {
        switch outcome {
        case .executed: nil
        case .forked, .failed: unknown.contains(.forked) ? "[no exec]" : "[\(outcome.rawValue)]"
        }
    }

    /// Nanoseconds that an orphan lived on after its parent; `nil` if it is not an orphan or had not ended.
    package var outlivedParentBy: UInt64? {
        guard let parentEnded, let ended = borders.ended, parentEnded <= ended else { return nil }
        return ended - parentEnded
    }

    /// No end was seen: it was still running when the session ended.
    package var isUnfinished: Bool { borders.ended == nil && !unknown.contains(.afterExec) }
}

/// Counts over a session, by the rules of docs/reference/spawns.md: roots and COMMAND's own exec are not counted.
package struct SpawnTotals: Hashable, Sendable {
    /// executed + forked + failed.
    package var spawns = 0
    package var executed = 0
    package var forked = 0
    package var failed = 0
    /// Every successful exec of the lineage, chains included.
    package var execs = 0
    package var failedAttempts = 0
    /// Creating calls that returned an error.
    package var failedCreations = 0
    /// Spawns without an end in the session.
    package var unfinished = 0
    package var unreaped = 0
    package var orphaned = 0
    /// Spawns for which every phase that they have been through is known.
    package var complete = 0
    /// Nanoseconds that spawners spent in creating calls and waits, summed over the spawns; saturating.
    package var blocked: UInt64 = 0
    /// For each fact, how many processes leave it unknown; if any do, the figure above is a lower bound.
    package var unknown = UnknownTally()

    package init() {}
}
