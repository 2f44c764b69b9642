internal import Glibc
internal import LinuxSystem

/// Where a recording's inflated data are put: in memory or, when they are too large for that, in a nameless temporary
/// file, since they may be larger than the machine's memory.
final class InflatedOutput {
    private let path: String
    private var memory: InflatedMemory? = InflatedMemory()
    private var spool: OwnedDescriptor?
    private(set) var count = 0
    /// Why nothing more is taken.
    private(set) var failure: PerfDataError?

    /// - Parameter path: the recording's, for messages.
    init(path: String) {
        self.path = path
    }

    func append(_ bytes: borrowing RawSpan) {
        guard failure == nil, bytes.byteCount > 0 else { return }
        if memory?.append(bytes) == false { moveToFile() }
        if memory == nil { write(bytes) }
        if failure == nil { count += bytes.byteCount }
    }

    /// `nil` if nothing was appended.
    func finish() throws(PerfDataError) -> MappedFile? {
        if let failure { throw failure }
        guard count > 0 else { return nil }
        if let spool = spool.take() { return try MappedFile(spool, path: path) }
        guard let memory = memory.take() else { return nil }
        return MappedFile(inflated: memory, path: path)
    }

    private func moveToFile() {
        do throws(PerfDataError) {
            spool = try StreamSpool.temporaryFile(for: path)
        } catch {
            failure = error
        }
        if let memory = memory.take(), failure == nil { memory.withBytes { write($0) } }
    }

    private func write(_ bytes: borrowing RawSpan) {
        guard failure == nil, let number = spool?.number else { return }
        var done = 0
        while done < bytes.byteCount {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(number, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                failure = .notSpooled(path: path, directory: StreamSpool.directory, errno: errno)
                return
            }
        }
    }
}
