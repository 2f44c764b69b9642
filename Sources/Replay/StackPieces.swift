internal import PerfData
internal import PerfRecords
internal import Session
internal import Symbolication

/// The samples of the joined recorder that have the rest of a stack, which the symbolizer keeps for the creation that
/// follows.
struct StackPieces {
    private let event: Int
    private let bytes: TracepointFormat.Field.Place
    private let symbolizer: Symbolizer

    /// `nil` if the session has no such event.
    init?(_ session: Session, _ symbolizer: Symbolizer) {
        guard
            let event = session.file.events.firstIndex(where: {
                $0.tracepoint?.qualifiedName == JoinedEvent.stack.qualifiedName
            }),
            let bytes = session.file.events[event].tracepoint?.place(of: JoinedEvent.Field.bytes.rawValue)
        else { return nil }
        (self.event, self.bytes, self.symbolizer) = (event, bytes, symbolizer)
    }

    func take(_ record: borrowing RawSpan, event: Int, layout: RecordLayout) {
        guard event == self.event, let sample = try? RawSample(decoding: record, layout: layout),
            let piece = bytes.bytes(in: record, raw: sample.raw)
        else { return }
        symbolizer.keepStack(of: sample.tid, at: sample.time, piece, in: record)
    }
}
