internal import PerfData
internal import PerfRecords
internal import Session
internal import Symbolication

/// The samples of the joined recorder that have the rest of a stack, which the symbolizer keeps for the creation that
/// follows.
struct StackPieces {
    private let event: Int
    private let address: TracepointFormat.Field.Place
    private let bytes: TracepointFormat.Field.Place
    private let symbolizer: Symbolizer

    /// `nil` if the session has no such event.
    init?(_ session: Session, _ symbolizer: Symbolizer) {
        guard
            let event = session.file.events.firstIndex(where: {
                $0.tracepoint?.qualifiedName == JoinedEvent.stack.qualifiedName
            }),
            let tracepoint = session.file.events[event].tracepoint,
            let address = tracepoint.place(of: JoinedEvent.Field.address.rawValue),
            let bytes = tracepoint.place(of: JoinedEvent.Field.bytes.rawValue)
        else { return nil }
        (self.event, self.address, self.bytes, self.symbolizer) = (event, address, bytes, symbolizer)
    }

    func take(_ record: borrowing RawSpan, event: Int, layout: RecordLayout) {
        guard event == self.event, let sample = try? RawSample(decoding: record, layout: layout),
            let place = address.integer(in: record, raw: sample.raw),
            let piece = bytes.bytes(in: record, raw: sample.raw)
        else { return }
        symbolizer.keepStack(
            of: sample.tid, at: sample.time, address: UInt64(bitPattern: place), piece, in: record)
    }
}
