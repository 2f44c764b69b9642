internal import ByteAccess
import Glibc
internal import PerfData
internal import PerfRecords

/// The records of a packed session on their way to its file, in the order in which they are to be read.
final class PackedRecords {
    /// `nil` once the file is complete.
    private var writer: SessionWriter?
    /// `nil` if records are written as they are.
    private var compressor: RecordCompressor?
    private let compresses: Bool
    /// Whole records that will be compressed together.
    private var piece: [UInt8] = []
    private var buffer: [UInt8] = []
    private var failure: SessionWriteError?
    private var newest: UInt64 = 0
    /// Records with a time have been written since readers were last told to release all that they hold.
    private var isPending = false
    /// Bytes of records since the end of the last round.
    private var roundSize = 0

    /// Bytes of records in a round; readers hold no more than two.
    private static let longestRound = 1 << 20

    init(_ writer: consuming SessionWriter, compresses: Bool) throws(SessionWriteError) {
        let path = writer.path
        self.writer = consume writer
        self.compresses = compresses
        if compresses {
            compressor = RecordCompressor()
            if compressor == nil { throw .system(operation: "compress", path: path, code: ENOMEM) }
            piece.reserveCapacity(RecordCompressor.largestPiece)
        }
        buffer.reserveCapacity(Self.longestRound + 1 << 16)
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
        write(record)
        if roundSize >= Self.longestRound {
            finishRound()
            flush()
        }
    }

    /// FINISHED_ROUND: no record that follows is older than the newest one was a round ago.
    private func finishRound() {
        let record = SyntheticRecords.finishedRound
        unsafe write(record.span.bytes)
        roundSize = 0
    }

    private func write(_ record: borrowing RawSpan) {
        roundSize += record.byteCount
        let fits = compresses && record.byteCount <= RecordCompressor.largestPiece
        if !fits || piece.count + record.byteCount > RecordCompressor.largestPiece { compressPiece() }
        if fits { piece.append(record) } else { buffer.append(record) }
    }

    private func compressPiece() {
        guard !piece.isEmpty, let path = writer?.path else { return }
        if compressor?.compress(piece, to: &buffer) != true, failure == nil {
            failure = .system(operation: "compress", path: path, code: ENOMEM)
        }
        piece.removeAll(keepingCapacity: true)
    }

    private func flush() {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard failure == nil else { return }
        do throws(SessionWriteError) {
            try writer?.append(buffer)
        } catch {
            failure = error
        }
    }

    /// Completes the file, or removes it; returns its size in bytes.
    func finish(features: [SessionWriter.Feature]) throws(SessionWriteError) -> UInt64 {
        compressPiece()
        flush()
        guard let writer = writer.take() else { return 0 }
        var features = features
        if let compressor = compressor.take(), compressor.size > 0 {
            features.append(SessionWriter.Feature(Feature.compressed.rawValue, compressor.feature))
        }
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
