import CPerfEvent
import Glibc
import Synchronization

/// Capabilities that this process has beyond its user's rights, from its file or from the process that started it.
///
/// Anyone who may run such a program must be able to do no more with it than record. So no capability is effective
/// while a path that a user can name is opened: each is raised only for the calls that need it, and all are dropped for
/// good before the command runs. For root nothing changes: root runs a program with full rights deliberately.
package enum Privileges {
    /// Capabilities that can be raised: those that recording needs and this process was started with.
    private static let kept = Atomic<UInt64>(0)
    private static let inEffect = Atomic<UInt64>(0)

    /// The capabilities that can still be raised.
    package static var available: Capabilities { Capabilities(rawValue: kept.load(ordering: .relaxed)) }

    /// Lowers all capabilities, except root's. To be called first, while the process has one thread. `recording`:
    /// whether the kernel's events will be opened, so that what they need is kept and can be raised later; otherwise
    /// nothing is kept.
    package static func lower(recording: Bool) throws(PrivilegesError) {
        guard geteuid() == getuid(), getegid() == getgid() else { throw .changesUser }
        if cperf_is_privileged_by_file() != 0 { cperf_hide_environment() }
        if geteuid() == 0 { return }
        var had = cperf_capabilities()
        let result = unsafe cperf_capabilities_get(&had)
        guard result == 0 else { throw .notDropped(code: -result) }
        guard had.permitted | had.effective | had.inheritable != 0 else { return }
        let left = recording ? Capabilities(rawValue: had.permitted).intersection(.recording) : []
        try set(permitted: left)
        // Without capabilities, /proc/self can be given back to the user: `compare` names its directory through it.
        if left.isEmpty { cperf_belong_to_user() }
    }

    /// The caller's environment. If the program's file gives it rights, its own environment lacks variables that name
    /// files and servers.
    @unsafe package static var callerEnvironment: UnsafePointer<UnsafeMutablePointer<CChar>?>? {
        unsafe cperf_caller_environment()
    }

    /// Drops the kept capabilities for good.
    package static func drop() throws(PrivilegesError) {
        if !available.isEmpty { try set(permitted: []) }
    }

    /// Drops them in a thread that was started before the others' are dropped, and not in these.
    package static func dropOfThread() { if !available.isEmpty { _ = cperf_capabilities_set(0, 0) } }

    private static func set(permitted: Capabilities) throws(PrivilegesError) {
        let result = cperf_capabilities_set(permitted.rawValue, 0)
        guard result == 0 else { throw .notDropped(code: -result) }
        kept.store(permitted.rawValue, ordering: .relaxed)
        inEffect.store(0, ordering: .relaxed)
    }

    /// Runs `body` with these capabilities effective, as far as they are available. It must not open anything by a name
    /// that a user can choose.
    package static func raised<Result, Failure>(
        _ capabilities: Capabilities, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let available = available
        guard !available.isDisjoint(with: capabilities) else { return try body() }
        let before = inEffect.load(ordering: .relaxed)
        put(before | capabilities.intersection(available).rawValue)
        defer { put(before) }
        return try body()
    }

    private static func put(_ effective: UInt64) {
        // This cannot fail within the permitted set.
        _ = cperf_capabilities_set(available.rawValue, effective)
        inEffect.store(effective, ordering: .relaxed)
    }
}

extension Capabilities {
    /// The capabilities that recording uses. Only one of them reads files, CAP_DAC_READ_SEARCH, for tracefs.
    package static let recording: Capabilities = [.dacReadSearch, .ipcLock, .syslog, .perfmon, .bpf]
    /// The capabilities that opening events needs.
    package static let opening: Capabilities = [.ipcLock, .perfmon, .bpf]
}

/// Why the program must not go on.
package enum PrivilegesError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Its file is setuid or setgid.
    case changesUser
    case notDropped(code: Int32)

    package var description: String {
        switch self {
        case .changesUser:
            "it is installed setuid or setgid, which would give its caller everything: sudo chmod ug-s on the program, and"
                + " run it by sudo"
        case .notDropped(let code):
            "its capabilities cannot be dropped (error \(code)): sudo setcap -r on the program, and run it by sudo"
        }
    }
}
