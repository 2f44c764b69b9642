internal import ByteAccess
package import LinuxSystem
internal import PerfData
internal import PerfRecords
internal import Profiles
internal import Replay
package import Session
package import Symbolication
internal import Unwinding

/// Rewrites a session so that it can be read on other machines: stack dumps are unwound into callchains and left out,
/// and the names of all addresses in stacks and samples are stored with it.
///
/// Records are written in order of time. Everything else that perf reads stays.
package struct SessionPacker {
    /// The result of packing.
    package struct Outcome: Hashable, Sendable {
        package var records = 0
        /// Stacks that were unwound, and how many of them did not reach their outermost frame.
        package var stacks = 0
        package var truncatedStacks = 0
        package var symbols = 0
        /// Records of processes outside the workload, which were left out.
        package var foreign = 0
        /// Samples that could not be decoded, and so not rewritten.
        package var undecodedSamples = 0
        /// The session was packed already, and only its records were compressed, or not any more.
        package var isCopy = false
        /// Messages for the user, one line each.
        package var remarks: [String] = []
        /// Bytes of the session before and after.
        package var sizeBefore: UInt64 = 0
        package var size: UInt64 = 0
    }

    private let file: PerfDataFile
    private let shapes: [EventShape]
    private let packedShapes: [EventShape]
    private let rewritten: [Bool]
    private let leftOut: [Bool]
    /// By event: its samples stay as they are and have neither a stack nor an address to name.
    private let isPlain: [Bool]
    /// By event: whether samples without a stack are named by their own address.
    private let namesAddresses: [Bool]
    /// By event.
    private let groupFields: [GroupField?]
    private var groups = HeldGroups()
    /// `nil` if everything that was recorded is kept.
    private var members: WorkloadMembers?
    /// The names of all threads, strangers' too, since a stranger may send a signal to the workload.
    private var threads = RecordReplay(symbolizer: nil)
    private var named: Set<Int32> = []
    private var best: NameCollector
    private var perf: NameCollector
    private var output: PackedRecords
    private var chain: [UInt8] = []
    private var packed: [UInt8] = []
    private var written: [UInt8] = []
    private var outcome = Outcome()

    private init(
        _ session: Session, to descriptor: consuming OwnedDescriptor, path: String,
        compresses: Bool, keepsAll: Bool, found: FoundFiles, _ debugServer: DebugServer?
    ) throws(SessionWriteError) {
        let file = session.file
        self.file = file
        let events = file.events.map(PackedEvent.init)
        rewritten = events.map(\.isRewritten)
        leftOut = events.map(\.isLeftOut)
        shapes = file.events.map(EventShape.init)
        packedShapes = events.map { EventShape($0.event) }
        groupFields = file.events.map(GroupField.init)
        let asked = session.metadata.map { $0.options?.tracepoints ?? [] }
        namesAddresses = zip(file.events, shapes).map { event, shape in
            // The spawns' own events are read by their fields. Their addresses are all the kernel's, whose symbols take
            // as long to read as a small recording.
            guard let asked else { return true }
            return shape.isOfExecution || asked.contains(event.name)
        }
        isPlain = zip(events, namesAddresses).map { event, namesAddress in
            !event.isRewritten && !event.isLeftOut && !namesAddress
                && !event.event.attributes.sampleType.contains(.callchain)
        }
        members = keepsAll ? nil : WorkloadMembers(session)
        best = NameCollector(session, style: .best, found: found, debugServer: debugServer)
        perf = NameCollector(session, style: .perf, found: found, beside: best)
        let written = events.map {
            SessionWriter.Event(name: $0.event.name, attributes: $0.event.attributes, ids: $0.event.ids)
        }
        output = try PackedRecords(
            SessionWriter(to: descriptor, path: path, events: written, features: []), compresses: compresses)
    }

    /// Packs `session` into an empty file, which is given its name elsewhere once it is complete. One that is packed already
    /// is written with its records compressed, or uncompressed, if they are not.
    ///
    /// - Parameters:
    ///   - path: the new file's name in messages.
    ///   - compresses: whether records are compressed, as by `perf record -z`.
    ///   - keepsAll: whether strangers' records stay, unwound and named.
    ///   - found: open files and root directories of the recording that their paths do not lead to.
    ///   - debugServer: is asked for debug files that are missing here.
    package static func pack(
        _ session: Session, to descriptor: consuming OwnedDescriptor, path: String, compresses: Bool = true,
        keepsAll: Bool = false, found: FoundFiles = FoundFiles(), debugServer: DebugServer? = nil
    ) throws(PackingError) -> Outcome {
        let file = session.file
        guard !file.isPacked else {
            guard file.isCompressed != compresses else { throw .packedAlready(path: file.path) }
            do throws(SessionWriteError) {
                return try PackedSessionCopy.write(session, to: descriptor, path: path, compresses: compresses)
            } catch {
                throw .write(error)
            }
        }
        guard !file.featurePayloads().contains(where: { $0.feature == .auxiliaryTrace }) else {
            throw .auxiliaryTrace(path: file.path)
        }
        do throws(SessionWriteError) {
            var packer = try SessionPacker(
                session, to: descriptor, path: path, compresses: compresses, keepsAll: keepsAll, found: found,
                debugServer)
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
                    if members != nil {
                        threads.apply(decoded, of: record, position.header)
                        guard members?.take(decoded) != .foreign else {
                            outcome.foreign += 1
                            return
                        }
                        if groups.take(decoded, record) { return }
                    }
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
        let standing =
            members?.standing(ofSample: record, event: event, layout: shapes[event].layout) ?? .member
        guard standing != .foreign else {
            outcome.foreign += 1
            return
        }
        if members != nil, standing == .member { tellGroup(of: record, position) }
        // Most of a session's records: they need not even be decoded.
        if standing == .member, isPlain[event] {
            best.take(record, event: event, shapes[event])
            output.append(record, time: position.time)
            return
        }
        let sample: Sample
        do throws(RecordError) {
            sample = try Sample(decoding: record, layout: shapes[event].layout)
        } catch {
            // If the layout of its event is unchanged, the record is kept as it is.
            if rewritten[event] { outcome.undecodedSamples += 1 } else { output.append(record, time: position.time) }
            return
        }
        guard standing == .member else { return takeConcerned(record, sample, position) }
        best.take(record, event: event, shapes[event])
        if leftOut[event] { return }
        let mode = position.header.misc.cpuMode
        if !shapes[event].branchesAreCallStack, let end = best.unwind(record, sample, shapes[event]) {
            rewrite(record, sample, position, end: end)
            return
        }
        let hasStack = best.hasStack(sample)
        if hasStack || namesAddresses[event] { best.name(record, sample, shapes[event], mode) }
        guard rewritten[event] else {
            if perf.hasStack(sample) || namesAddresses[event] { perf.name(record, sample, shapes[event], mode) }
            output.append(record, time: position.time)
            return
        }
        rewrite(record, sample, position, end: hasStack ? best.unwindEnd : nil)
    }

    /// Writes the record of a sample's group before the first such sample.
    private mutating func tellGroup(of record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        let layout = shapes[position.event].layout
        guard let id = groupFields[position.event]?.id(of: record, layout: layout),
            let told = groups.take(met: id, at: position.time, layout: layout)
        else { return }
        unsafe output.append(told.span.bytes, time: position.time)
    }

    /// Something that a stranger did to the workload: the stranger's comm is kept, but its stack is not looked at.
    private mutating func takeConcerned(
        _ record: borrowing RawSpan, _ sample: Sample, _ position: PerfDataFile.Position
    ) {
        if let name = threads.name(of: sample.pid), named.insert(sample.pid).inserted {
            append(commOf: sample, name, packedShapes[position.event].layout, at: position.time)
        }
        guard rewritten[position.event] else {
            output.append(record, time: position.time)
            return
        }
        rewrite(record, sample, position, end: nil)
    }

    /// Writes a COMM record for a process whose own records are left out.
    private mutating func append(commOf sample: Sample, _ name: String, _ layout: RecordLayout, at time: UInt64) {
        // NUL and padding to 8 bytes, as in the kernel's records.
        var text = Array(name.utf8)
        text += [UInt8](repeating: 0, count: 8 - text.count % 8)
        var identity = SampleIdentity()
        (identity.pid, identity.tid, identity.time) = (sample.pid, sample.pid, time)
        (identity.id, identity.identifier) = (sample.id, sample.identifier)
        (identity.streamID, identity.cpu) = (sample.streamID, sample.cpu)
        let comm = Record.Decoded(
            header: RecordHeader(type: .comm, size: 0),
            record: .comm(Record.Comm(pid: sample.pid, tid: sample.pid, name: 0..<text.count)), identity: identity)
        var bytes: [UInt8] = []
        guard unsafe comm.encode(into: &bytes, source: text.span.bytes, layout: layout) else { return }
        unsafe output.append(bytes.span.bytes, time: time)
    }

    /// Writes a sample without its registers and stack dump, and with the callchain to which they were unwound.
    private mutating func rewrite(
        _ record: borrowing RawSpan, _ sample: Sample, _ position: PerfDataFile.Position, end: UnwindEnd?
    ) {
        let shape = packedShapes[position.event]
        var sample = sample
        var misc = position.header.misc.with(unwindEnd: 0)
        // The sample's ranges refer to the record, so the new chain is placed behind it.
        packed.removeAll(keepingCapacity: true)
        packed.append(record, in: 0..<Self.sizeBeforeDump(sample, in: record))
        chain.removeAll(keepingCapacity: true)
        if let end {
            outcome.stacks += 1
            let end = append(best.frames, behind: record, sample, end)
            if end != .outermost { outcome.truncatedStacks += 1 }
            misc = misc.with(unwindEnd: end.code)
            // A loop's stacks are the same over and over: unwound each time, named once.
            let words = chain
            if unsafe !best.wereNamed(words.span.bytes, of: sample) {
                best.name(record, sample, shapes[position.event], misc.cpuMode)
            }
        } else if sample.fields.contains(.callchain) {
            chain.append(record, in: sample.callchain)
        } else {
            chain.store(misc.cpuMode == .kernel ? CallchainContext.kernel : CallchainContext.user)
            chain.store(sample.instructionPointer)
        }
        sample.callchain = packed.count..<packed.count + chain.count
        packed += chain
        let words = chain
        let isNamed = unsafe !shape.branchesAreCallStack && perf.areNamed(words.span.bytes, of: sample)
        // Moved out of `self` for a while, so that its bytes can be used beside other fields; no allocation per record.
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
        if !isNamed, let again = try? Sample(decoding: bytes, layout: shape.layout) {
            perf.name(bytes, again, shape, misc.cpuMode)
        }
    }

    /// Bytes of a record that have to be copied. The stack dump is most of a record, and is left out unless fields
    /// behind it are read from their place.
    private static func sizeBeforeDump(_ sample: Sample, in record: borrowing RawSpan) -> Int {
        let isLast = sample.fields.isDisjoint(with: [.registersInterrupt, .aux])
        return isLast && !sample.stackUser.bytes.isEmpty ? sample.stackUser.bytes.lowerBound : record.byteCount
    }

    /// The most frames that fit into a record with its other fields.
    private static let mostFrames = 1 << 12

    /// Appends the kernel's part of the chain, then the user frames. Readers take every address but the chain's first
    /// for a return address, so one that is not, because a signal interrupted the frame, is stored one byte further on.
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
        if let place = features.firstIndex(where: { $0.bit == Feature.session.rawValue }) {
            // In a stream, zeros follow it.
            let json = Array(features[place].payload.prefix { $0 != 0 })
            features[place].payload =
                outcome.foreign > 0 ? SessionMetadata.adding(foreignDropped: outcome.foreign, to: json) : json
        }
        features.append(
            SessionWriter.Feature(FeatureEncoding.Bit.eventDescription, FeatureEncoding.eventDescription(events)))
        features.append(SessionWriter.Feature(Feature.names.rawValue, symbols.encoded()))
        return features
    }
}
