internal import ByteAccess
internal import Glibc
internal import PerfData
internal import PerfRecords

/// The records of a packed session on their way to its file, in the order in which they are to be read.
final class PackedRecords {
    /// `nil` once the file is complete.
    private var writer: SessionWriter?
    private var buffer: [UInt8] = []
    private var failure: SessionWriteError?
    private var newest: UInt64 = 0
    /// Records with a time have been written since readers were last told to release all that they hold.
    private var isPending = false

    /// Bytes that are written at once; readers hold no more than two such pieces.
    private static let pieceSize = 1 << 20

    init(_ writer: consuming SessionWriter) {
        self.writer = consume writer
        buffer.reserveCapacity(Self.pieceSize + 1 << 16)
    }

    /// Readers release a record without a time, or a late one, before those that they hold, which must be none by then.
    func append(_ record: borrowing RawSpan, time: UInt64) {
        if time == 0 || time == .max || time < newest {
            if isPending {
                finishRound()
                finishRound()
                isPending = false
            }
        }
        if time != 0, time != .max {
            isPending = true
            newest = time
        }
        buffer.append(record)
        if buffer.count >= Self.pieceSize {
            finishRound()
            flush()
        }
    }

    /// FINISHED_ROUND: no record that follows is older than the newest one was a round ago.
    private func finishRound() {
        buffer.store(RecordType.finishedRound.rawValue)
        buffer.store(UInt16(0))
        buffer.store(UInt16(RecordHeader.size))
    }

    private func flush() {
        guard failure == nil else { return }
        do throws(SessionWriteError) {
            try writer?.append(buffer)
        } catch {
            failure = error
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Completes the file, or removes it; returns its size in bytes.
    func finish(features: [SessionWriter.Feature]) throws(SessionWriteError) -> UInt64 {
        flush()
        guard let writer = writer.take() else { return 0 }
        let size = writer.fileSize + features.reduce(0) { $0 + UInt64($1.payload.count) + 16 }
        if let failure {
            writer.discard()
            throw failure
        }
        let path = writer.path
        let lost = try writer.finish(features: features)
        guard lost == 0 else { throw .system(operation: "write", path: path, code: ENOSPC) }
        return size
    }
}
