import Glibc

/// RLIMIT_MEMLOCK of the recorder. Kernels before 5.11 charge BPF maps and programs against it, even for root.
package enum LockedMemoryLimit {
    /// Runs `body` with the limit raised as far as this process may, and then restores it, so that locking memory
    /// elsewhere, as for rings, does not depend on the raised limit.
    package static func raised<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let resource = __rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue)
        var before = rlimit()
        guard unsafe getrlimit(resource, &before) == 0, before.rlim_cur != rlim_t.max else { return try body() }
        var wanted = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
        if unsafe setrlimit(resource, &wanted) != 0 {
            wanted = rlimit(rlim_cur: before.rlim_max, rlim_max: before.rlim_max)
            _ = unsafe setrlimit(resource, &wanted)
        }
        defer { _ = unsafe setrlimit(resource, &before) }
        return try body()
    }
}
