internal import Glibc

/// The user and group of a worker whose parent is root: those of the user who called sudo and owns the session, or
/// nobody's.
struct WorkerIdentity {
    let user: UInt32
    let group: UInt32

    /// The kernel's default overflowuid, which distributions use for nobody.
    private static let nobody: UInt32 = 65534

    /// `nil` if this process is not root: it has no right to change the user, and no need to.
    static var ofThisProcess: WorkerIdentity? {
        guard geteuid() == 0 else { return nil }
        if let invoker = Invoker.current { return WorkerIdentity(user: invoker.uid, group: invoker.gid) }
        return WorkerIdentity(user: nobody, group: nobody)
    }
}
