internal import CLinuxSystem
internal import Glibc

/// A POSIX thread that runs one closure and ends.
package struct SystemThread: ~Copyable {
    private let handle: pthread_t

    /// Stack size in bytes, independent of the main thread's limit (ulimit -s).
    private static let stack = 8 << 20

    /// Starts a thread that runs `work`; `nil` if none can be created.
    package init?(_ work: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Work(work))
        var attributes = pthread_attr_t()
        var thread = pthread_t()
        var code = unsafe pthread_attr_init(&attributes)
        if code == 0 {
            _ = unsafe pthread_attr_setstacksize(&attributes, Self.stack)
            code = unsafe pthread_create(
                &thread, &attributes,
                { pointer in
                    guard let pointer = unsafe pointer else { return nil }
                    unsafe Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
                    return nil
                }, box.toOpaque())
            _ = unsafe pthread_attr_destroy(&attributes)
        }
        guard code == 0 else {
            unsafe box.release()
            return nil
        }
        handle = thread
    }

    /// Waits for the thread to end.
    package consuming func join() { pthread_join(handle, nil) }

    /// Detaches the thread, which ends when `work` is done.
    package consuming func detach() { pthread_detach(handle) }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
