internal import PerfData
internal import PerfRecords
internal import Profiles
internal import Replay
internal import Session
internal import Symbolication
internal import Unwinding

/// Looks up the names of a session's addresses as readers will, in one of the two styles, to find those that are
/// needed.
struct NameCollector {
    private var replay: RecordReplay
    private var stacks: StackReader
    private var names = NameTable()
    private var asked = AskedStacks()
    private let symbolizer: Symbolizer

    init(
        _ session: Session, style: NameStyle, found: FoundFiles, debugServer: DebugServer? = nil,
        beside other: NameCollector? = nil
    ) {
        symbolizer = Symbolizer(
            session, style: style, found: found, debugServer: debugServer, sharing: other?.symbolizer)
        replay = RecordReplay(symbolizer: symbolizer, of: session, keepsNames: false)
        var options = StackOptions(style: style, isPacked: false)
        // Lines and inlined functions are packed, too, but readers of perf's style never ask for them.
        options.wantsLines = style == .best
        stacks = StackReader(symbolizer, options)
    }

    mutating func apply(_ decoded: Record.Decoded, of record: borrowing RawSpan, _ header: RecordHeader) {
        stacks.settle()
        replay.apply(decoded, of: record, header)
    }

    /// Takes what a sample says about the pids and namespaces of processes.
    mutating func take(_ record: borrowing RawSpan, event: Int, _ shape: EventShape) {
        replay.take(sample: record, event: event, layout: shape.layout)
    }

    func hasStack(_ sample: Sample) -> Bool { stacks.hasStack(sample) }

    /// Unwinds a sample's stack into `frames`, without naming them; `nil` if it cannot be unwound.
    mutating func unwind(_ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape) -> UnwindEnd? {
        stacks.unwind(record, sample, shape)
    }

    /// Whether the names of a callchain that was made of a sample are known; from now on they count as known.
    mutating func wereNamed(_ chain: borrowing RawSpan, of sample: Sample) -> Bool {
        asked.wereRead(chain, 0..<chain.byteCount, process: sample.pid, time: sample.time, by: &stacks)
    }

    /// Whether the names of a callchain that was made of a sample are known; if not, they are not known from now on either.
    mutating func areNamed(_ chain: borrowing RawSpan, of sample: Sample) -> Bool {
        asked.contains(chain, 0..<chain.byteCount, process: sample.pid, time: sample.time, by: &stacks)
    }

    mutating func name(
        _ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape, _ mode: RecordMisc.CPUMode
    ) {
        if stacks.hasStack(sample) {
            if asked.wereRead(record, sample, shape, by: &stacks) { return }
            stacks.read(record, sample, shape, mode: mode, into: &names)
        } else {
            stacks.readAddress(
                sample.instructionPointer, mode == .kernel ? .kernel : .user, process: sample.pid, into: &names)
        }
    }

    /// How the last stack's unwinding ended (`nil` for the kernel's callchain), and the frames that came of it.
    var unwindEnd: UnwindEnd? { stacks.end }
    var frames: [UnwoundFrame] { stacks.frames }

    var remarks: [String] { symbolizer.imageNotes }
    var packedSymbols: PackedSymbols { symbolizer.packedSymbols }
}
