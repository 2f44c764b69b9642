internal import Glibc

/// A second CPU, and work that is done there.
package enum SecondCPU {
    /// Of those that this process may run on, since taskset(1) may have left it one: proc_pid_status(5)'s mask in hex.
    package static var isThere: Bool {
        let status = TextFile.bytes("/proc/self/status", limit: 1 << 16) ?? []
        let field = "Cpus_allowed:".utf8
        guard let line = status.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: field) }) else {
            return false
        }
        let digits = line.dropFirst(field.count).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return digits.reduce(0) { $0 + $1.nonzeroBitCount } > 1
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
