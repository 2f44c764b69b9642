internal import CLibELF
internal import Glibc
internal import LinuxSystem

/// Runs work on a second CPU.
package enum SecondCPU {
    /// Whether this process may run on more than one CPU, which taskset(1) can prevent (sched_getaffinity(2)).
    package static var isThere: Bool {
        var set = [UInt64](repeating: 0, count: 1024)
        guard unsafe sched_getaffinity(0, set.count * 8, &set) == 0 else { return false }
        return set.reduce(0) { $0 + $1.nonzeroBitCount } > 1
    }

    /// Runs `work` in another thread while the caller runs `own`, and returns when both are done. Runs one after the
    /// other if no thread can be created.
    package static func run(_ work: @escaping @Sendable () -> Void, beside own: () -> Void) {
        guard let thread = SystemThread(work) else {
            work()
            own()
            return
        }
        own()
        thread.join()
    }
}
