internal import Glibc

/// As whom a worker runs whose parent is root: as who called sudo, whose session it is, or as nobody.
struct WorkerIdentity {
    let user: UInt32
    let group: UInt32

    /// What the kernel and all distributions use for nobody (overflowuid).
    private static let nobody: UInt32 = 65534

    /// `nil` where there is no right to change the user, and no need to.
    static var ofThisProcess: WorkerIdentity? {
        guard geteuid() == 0 else { return nil }
        if let invoker = Invoker.current { return WorkerIdentity(user: invoker.uid, group: invoker.gid) }
        return WorkerIdentity(user: nobody, group: nobody)
    }
}
