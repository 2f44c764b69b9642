internal import Analysis
package import LinuxSystem
package import PerfData
internal import PerfRecords
internal import Profiles
package import Symbolication
internal import Unwinding

/// Writes a session anew, so that it travels: pieces of user stack unwound into callchains and left out, and the names of every
/// address that a stack or a sample has stored with it.
///
/// Records keep their order of time, which is the order in which they are written. Everything else that perf reads stays.
public struct SessionPacker {
    /// What came of it.
    public struct Outcome: Hashable, Sendable {
        public var records = 0
        /// Stacks that were unwound, and how many of them not to their outermost frame.
        public var stacks = 0
        public var truncatedStacks = 0
        public var symbols = 0
        /// Samples that could not be decoded, and so not be written anew.
        public var undecodedSamples = 0
        /// What the user should know, a line each.
        public var remarks: [String] = []
        /// Bytes of the session before and after.
        public var sizeBefore: UInt64 = 0
        public var size: UInt64 = 0
    }

    private let file: PerfDataFile
    private let shapes: [EventShape]
    private let packedShapes: [EventShape]
    private let rewritten: [Bool]
    /// Whether samples without a stack are named by their own address.
    private let namesAddresses: [Bool]
    private var best: NameCollector
    private var perf: NameCollector
    private var output: PackedRecords
    private var chain: [UInt8] = []
    private var packed: [UInt8] = []
    private var written: [UInt8] = []
    private var outcome = Outcome()

    private init(
        _ file: PerfDataFile, to descriptor: consuming OwnedDescriptor, path: String,
        foundFiles: [String: [FoundFile]], _ debugServer: DebugServer?
    ) throws(SessionWriteError) {
        self.file = file
        let events = file.events.map(PackedEvent.init)
        rewritten = events.map(\.isRewritten)
        shapes = file.events.map(EventShape.init)
        packedShapes = events.map { EventShape($0.event) }
        let metadata = file.description.metadata.flatMap { try? SessionMetadata(json: $0) }
        namesAddresses = zip(file.events, shapes).map { event, shape in
            // The spawns' own events are read by their fields, and their addresses are all the kernel's, whose symbols take as long to
            // read as a small recording.
            guard let metadata else { return true }
            return shape.isOfExecution || metadata.recording.tracepoints.contains(event.name)
        }
        best = NameCollector(file, style: .best, foundFiles: foundFiles, debugServer: debugServer)
        perf = NameCollector(file, style: .perf, foundFiles: foundFiles, beside: best)
        let written = events.map {
            SessionWriter.Event(name: $0.event.name, attributes: $0.event.attributes, ids: $0.event.ids)
        }
        output = PackedRecords(try SessionWriter(to: descriptor, path: path, events: written, features: []))
    }

    /// Packs `file` into an empty one, which somebody else gives its name when it is complete.
    ///
    /// - Parameters:
    ///   - path: what messages call the new file.
    ///   - foundFiles: where recorded files are that their paths do not lead to, by path.
    ///   - debugServer: is asked for debug files that are not here.
    package static func pack(
        _ file: PerfDataFile, to descriptor: consuming OwnedDescriptor, path: String,
        foundFiles: [String: [FoundFile]] = [:],
        debugServer: DebugServer? = nil
    ) throws(PackingError) -> Outcome {
        if file.isPacked { throw .packedAlready(path: file.path) }
        guard !file.featurePayloads().contains(where: { $0.feature == .auxiliaryTrace }) else {
            throw .auxiliaryTrace(path: file.path)
        }
        do throws(SessionWriteError) {
            var packer = try SessionPacker(
                file, to: descriptor, path: path, foundFiles: foundFiles, debugServer)
            return try packer.run()
        } catch {
            throw .write(error)
        }
    }

    private mutating func run() throws(SessionWriteError) -> Outcome {
        file.forEachRecord { record, position in
            outcome.records += 1
            guard position.header.type == .sample else {
                if let decoded = try? Record.decode(record, layout: shapes[position.event].layout) {
                    best.apply(decoded, of: record, position.header)
                    perf.apply(decoded, of: record, position.header)
                }
                output.append(record, time: position.time)
                return
            }
            take(record, position)
        }
        var symbols = best.packedSymbols
        symbols.add(perf.packedSymbols)
        outcome.remarks = best.remarks
        outcome.symbols = symbols.symbolCount
        outcome.sizeBefore = UInt64(file.size)
        outcome.size = try output.finish(features: features(symbols))
        return outcome
    }

    private mutating func take(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        let event = position.event
        let sample: Sample
        do throws(RecordError) {
            sample = try Sample(decoding: record, layout: shapes[event].layout)
        } catch {
            // In an event whose layout stays, it stays what it was.
            if rewritten[event] { outcome.undecodedSamples += 1 } else { output.append(record, time: position.time) }
            return
        }
        let mode = position.header.misc.cpuMode
        let hasStack = best.hasStack(sample)
        if hasStack || namesAddresses[event] { best.name(record, sample, shapes[event], mode) }
        guard rewritten[event] else {
            if perf.hasStack(sample) || namesAddresses[event] { perf.name(record, sample, shapes[event], mode) }
            output.append(record, time: position.time)
            return
        }
        rewrite(record, sample, position, end: hasStack ? best.unwindEnd : nil)
    }

    /// Without its registers and its piece of the stack, and with the callchain that came of them.
    private mutating func rewrite(
        _ record: borrowing RawSpan, _ sample: Sample, _ position: PerfDataFile.Position, end: UnwindEnd?
    ) {
        let shape = packedShapes[position.event]
        var sample = sample
        var misc = position.header.misc.with(unwindEnd: 0)
        // The sample's ranges are those of the record, which the new chain stands behind.
        packed.removeAll(keepingCapacity: true)
        packed.append(record, in: 0..<Self.sizeBeforeDump(sample, in: record))
        chain.removeAll(keepingCapacity: true)
        if let end {
            outcome.stacks += 1
            let end = append(best.frames, behind: record, sample, end)
            if end != .outermost { outcome.truncatedStacks += 1 }
            misc = misc.with(unwindEnd: end.code)
        } else if sample.fields.contains(.callchain) {
            chain.append(record, in: sample.callchain)
        } else {
            chain.store(misc.cpuMode == .kernel ? CallchainContext.kernel : CallchainContext.user)
            chain.store(sample.instructionPointer)
        }
        sample.callchain = packed.count..<packed.count + chain.count
        packed += chain
        // Out of `self` for a while, so that its bytes can be looked at beside the rest; no allocation a record.
        var target: [UInt8] = []
        swap(&target, &written)
        defer { swap(&target, &written) }
        target.removeAll(keepingCapacity: true)
        let source = packed
        guard unsafe sample.encode(misc: misc, into: &target, source: source.span.bytes, layout: shape.layout) else {
            outcome.undecodedSamples += 1
            return
        }
        let bytes = unsafe target.span.bytes
        output.append(bytes, time: position.time)
        if let again = try? Sample(decoding: bytes, layout: shape.layout) {
            perf.name(bytes, again, shape, misc.cpuMode)
        }
    }

    /// The piece of the stack is most of a record, and of what stands behind it only these are copied by their place.
    private static func sizeBeforeDump(_ sample: Sample, in record: borrowing RawSpan) -> Int {
        let isLast = sample.fields.isDisjoint(with: [.registersInterrupt, .aux])
        return isLast && !sample.stackUser.bytes.isEmpty ? sample.stackUser.bytes.lowerBound : record.byteCount
    }

    /// Frames that a record has room for, with what else it may hold.
    private static let mostFrames = 1 << 12

    /// The kernel's part of the chain, then the user frames: every address but the chain's first is one that a call returns to, so
    /// that a frame which is none, one that a signal interrupted, stands a byte further on.
    private mutating func append(
        _ frames: [UnwoundFrame], behind record: borrowing RawSpan, _ sample: Sample, _ end: UnwindEnd
    ) -> UnwindEnd {
        var isFirst = true
        var offset = sample.callchain.lowerBound
        while offset < sample.callchain.upperBound, let address = record.load(UInt64.self, at: offset) {
            if address == CallchainContext.user || address == CallchainContext.userDeferred { break }
            chain.store(address)
            if address < CallchainContext.first { isFirst = false }
            offset &+= 8
        }
        chain.store(CallchainContext.user)
        for frame in frames.prefix(Self.mostFrames) {
            let isReturnAddress = frame.isReturnAddress
            if isFirst {
                chain.store(isReturnAddress ? frame.address &- 1 : frame.address)
            } else {
                chain.store(isReturnAddress ? frame.address : frame.address &+ 1)
            }
            isFirst = false
        }
        return frames.count > Self.mostFrames ? .truncated(.tooDeep) : end
    }

    private func features(_ symbols: PackedSymbols) -> [SessionWriter.Feature] {
        let events = file.events.map { event in
            let event = PackedEvent(event).event
            return SessionWriter.Event(name: event.name, attributes: event.attributes, ids: event.ids)
        }
        var features = file.featurePayloads().filter { !PackedEvent.replacedFeatures.contains($0.feature) }.map {
            SessionWriter.Feature($0.feature.rawValue, $0.payload)
        }
        features.append(
            SessionWriter.Feature(FeatureEncoding.Bit.eventDescription, FeatureEncoding.eventDescription(events)))
        features.append(SessionWriter.Feature(FeatureEncoding.Bit.symbols, symbols.encoded()))
        return features
    }
}
