internal import CLibELF
internal import Glibc
internal import LinuxSystem

/// A second CPU, and work that is done there.
package enum SecondCPU {
    /// Of those that this process may run on, since taskset(1) may have left it one: sched_getaffinity(2).
    package static var isThere: Bool {
        var set = [UInt64](repeating: 0, count: 1024)
        guard unsafe sched_getaffinity(0, set.count * 8, &set) == 0 else { return false }
        return set.reduce(0) { $0 + $1.nonzeroBitCount } > 1
    }

    /// Does `work` there while the caller does `own`, and returns when both are done; one after the other where no thread is to be had.
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
