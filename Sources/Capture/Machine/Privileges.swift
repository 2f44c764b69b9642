import CPerfEvent
import Glibc
import Synchronization

/// The rights that this process has beside its user's: capabilities of its file or of whoever started it.
///
/// Whoever may run such a program must not be able to do more with it than to record. So none of them is in effect while a path is
/// opened that a user can name; each is raised for the calls that need it and lowered again, and all are gone for good before the
/// command runs. Of root this leaves everything as it is: who runs a program as root means it.
package enum Privileges {
    /// What may be raised: what recording needs, as far as this process was started with it.
    private static let kept = Atomic<UInt64>(0)
    private static let inEffect = Atomic<UInt64>(0)

    /// What may be raised still.
    static var available: Capabilities { Capabilities(rawValue: kept.load(ordering: .relaxed)) }

    /// To be called first of all, while the process has one thread. `recording`: the events of the kernel are to be opened, so that
    /// what they need can be raised later; otherwise nothing is kept.
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
        // A process without rights is its user's again: `compare` names its directory through its own /proc entry.
        if left.isEmpty { cperf_belong_to_user() }
    }

    /// The environment as the caller gave it. The program's own lacks what names files and servers where its file gives it rights.
    @unsafe package static var callerEnvironment: UnsafePointer<UnsafeMutablePointer<CChar>?>? {
        unsafe cperf_caller_environment()
    }

    /// Nothing can be raised from now on.
    static func drop() throws(PrivilegesError) {
        if !available.isEmpty { try set(permitted: []) }
    }

    private static func set(permitted: Capabilities) throws(PrivilegesError) {
        let result = cperf_capabilities_set(permitted.rawValue, 0)
        guard result == 0 else { throw .notDropped(code: -result) }
        kept.store(permitted.rawValue, ordering: .relaxed)
        inEffect.store(0, ordering: .relaxed)
    }

    /// Runs `body` with these in effect, as far as they are there. It must open nothing by a name that a user can choose.
    static func raised<Result, Failure>(
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
        // Within the permitted set it is never refused.
        _ = cperf_capabilities_set(available.rawValue, effective)
        inEffect.store(effective, ordering: .relaxed)
    }
}

extension Capabilities {
    /// What a recorder has a use for. Of what reads files there is one, for tracefs.
    static let recording: Capabilities = [.dacReadSearch, .ipcLock, .syslog, .perfmon, .bpf]
    /// What opening events needs.
    static let opening: Capabilities = [.ipcLock, .perfmon, .bpf]
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
