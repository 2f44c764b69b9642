internal import CLibELF
internal import Glibc

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
        guard let thread = start(work) else {
            work()
            own()
            return
        }
        own()
        pthread_join(thread, nil)
    }

    /// A thread that does `work`, to be joined or detached; `nil` where none is to be had.
    static func start(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
        let box = unsafe Unmanaged.passRetained(Work(work))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            return nil
        }
        return thread
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
