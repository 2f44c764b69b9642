/// How a process was made, from the flags that `task:task_newtask` shows for every way of creating.
package enum CreationMethod: String, Hashable, Sendable, CaseIterable {
    case fork, vfork, clone

    /// CLONE_VFORK is vfork (posix_spawn and Go too); a clone that shares something or makes a namespace is clone; else fork.
    /// CLONE_PIDFD, the SETTID and CLEARTID bits and the exit signal do not matter. (linux/sched.h)
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
}

/// One process creation together with its first successful exec, if it has one.
package struct Spawn: Hashable, Sendable {
    package enum Outcome: String, Hashable, Sendable {
        case executed
        /// No exec attempt at all: a worker, or a child that died before its first.
        case forked
        /// Attempts, none of which succeeded, whatever the child did then.
        case failed
    }

    package var pid: Int32
    /// The spawner's process and thread.
    package var parentPID: Int32
    package var parentTID: Int32
    /// `nil` where the session has no clone flags.
    package var method: CreationMethod?
    /// What the caller of the model passed with the creation: a stack, by its number. `nil` without a stack.
    package var callSite: UInt32?
    package var ancestry: AncestryTable.Node
    package var borders: SpawnBorders
    package var outcome: Outcome
    /// Of the first exec, as passed to it.
    package var path: String?
    /// Of the first exec, the file that was executed; `nil` where the session does not tell.
    package var file: String?
    /// What the execs after that made of it; `mostLaterImages` of them.
    package var laterImages: [ProgramImage] = []
    package var execs: Int
    package var failedAttempts: Int
    /// Bytes of the strings that its first exec was given, their NULs included; `nil` where the session does not tell.
    package var argumentBytes: UInt64?
    package var environmentBytes: UInt64?
    /// Bytes of the spawner's page tables when it made it, and of its resident memory as near as the kernel had that at hand;
    /// `nil` where the session does not tell.
    package var spawnerPageTables: UInt64?
    package var spawnerResident: UInt64?
    /// The exit code, where the process asked to exit.
    package var status: Int32?
    /// The signal that ended it.
    package var signal: Int32?
    /// Who sent that; `nil` where the session does not tell.
    package var signalSender: SignalSender?
    /// Nanoseconds that the spawner's thread spent inside the creating call; `nil` where its return was not seen.
    package var blockedCreating: UInt64?
    /// Nanoseconds that threads of the spawner's process spent inside waits that returned this child.
    package var blockedWaiting: UInt64 = 0
    /// Waits that could have taken it and returned nothing, although nothing had happened to any child of its parent since the one
    /// before. 0 where a wait that blocked took it in the end, and where the session does not tell.
    package var polls = 0
    /// It ended while its parent lived, and no wait took it before the parent or the session ended.
    package var isUnreaped = false
    /// Its parent's last thread ended before it did.
    package var isOrphaned = false
    /// What is not known of it, and therefore neither so nor not so.
    package var unknown = UnknownFacts()
    /// When the parent ended, where it is orphaned.
    package var parentEnded: UInt64?

    package static let mostLaterImages = 15

    /// The programs that it was, one after the other: `env` and then what that starts. None where it executed none.
    package var images: [ProgramImage] {
        guard outcome == .executed else { return [] }
        let first = ProgramImage(path: path, file: file)
        return laterImages.isEmpty ? [first] : [first] + laterImages
    }

    /// Their names.
    package var programs: [String] { images.map(\.name) }

    /// Nanoseconds that an orphan lived on after its parent; `nil` where it is none or had not ended.
    package var outlivedParentBy: UInt64? {
        guard let parentEnded, let ended = borders.ended, parentEnded <= ended else { return nil }
        return ended - parentEnded
    }

    /// No end was seen: it still ran when the session ended.
    package var isUnfinished: Bool { borders.ended == nil }
}

/// Counts over a session, by DESIGN's rules: the root and its own first exec are in none of them.
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
    /// Spawns of which every phase is known that they have been through.
    package var complete = 0
    /// Nanoseconds that spawners spent inside creating calls and waits, the sum over the spawns; saturating.
    package var blocked: UInt64 = 0
    /// By fact, how many processes leave it unknown: the figure above is a lower bound then.
    package var unknown = UnknownTally()

    package init() {}
}
