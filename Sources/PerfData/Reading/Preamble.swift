import ByteAccess
import PerfRecords

/// What has to be known before the first record can be read: events and features, from a file's sections or from the
/// records that a pipe's stream begins with. Both give the same value, so nothing after this differs between the two.
struct Preamble {
    private(set) var description = SessionDescription()
    private(set) var formats: [TracepointFormat] = []
    private(set) var events: [RecordedEvent] = []
    /// Where the features stand; a stream's build IDs are records of their own.
    private(set) var sections: [Feature: FileSection] = [:]
    private(set) var streamedBuildIDs: [UInt8] = []
    /// The file ends in the midst of its features.
    private(set) var hasCutFeatures = false

    private var attributes: [(attributes: EventAttributes, ids: [UInt64])] = []
    private var described: [DescribedEvent] = []
    /// A file of simpleperf has its features, or at least not the one that every perf writes.
    private(set) var mayBeSimpleperfs = false
    /// Where the formats stood among the records of simpleperf.
    private(set) var recordedTracingData: [UInt8]?
    /// What the sorter of records has room for.
    static let mostEvents = 1 << 16
    /// Names given to ids by EVENT_UPDATE records.
    private var updatedNames: [UInt64: String] = [:]

    /// Sections. `isComplete`: the table of features behind the data is there; a killed recorder leaves garbage in its
    /// place, and then only the table that our own sessions have in front of the data counts.
    init(file bytes: borrowing RawSpan, header: FileHeader, isComplete: Bool, path: String) throws(PerfDataError) {
        guard let section = header.attributes, let data = header.data else { return }
        var end = section.range.upperBound
        let count = section.size / header.attributeSize
        guard count <= Self.mostEvents else {
            throw .invalidHeader(path: path, offset: 32, reason: "there are \(count) events")
        }
        // Sections of ids do not overlap, so that together they are no larger than the file.
        var idBytes = 0
        for index in 0..<count {
            let entry = section.offset + index * header.attributeSize
            let size = header.attributeSize - 16
            guard let attributes = EventAttributes(decoding: bytes.extracting(entry..<entry + size)) else {
                throw .invalidHeader(path: path, offset: entry, reason: "an event's attributes cannot be read")
            }
            guard let ids = FileSection(bytes, at: entry + size), ids.range.upperBound <= bytes.byteCount else {
                throw .invalidHeader(path: path, offset: entry + size, reason: "an event's ids lie outside the file")
            }
            end = max(end, ids.range.upperBound)
            idBytes += ids.size
            guard idBytes <= bytes.byteCount else {
                throw .invalidHeader(path: path, offset: entry + size, reason: "the events' ids overlap")
            }
            self.attributes.append((attributes, Self.ids(bytes, ids.range)))
        }
        let early = FeatureTable(bytes, earlyTableAt: (end + 7) & ~7)
        var table = isComplete ? FeatureTable(bytes, bitmap: header.features, at: data.range.upperBound) : early
        if table.isCut { table.complete(by: early) }
        hasCutFeatures = table.isCut
        sections = table.sections
        description = SessionDescription(bytes, table)
        if let section = table.sections[.tracingData] { formats = TracingData(bytes, section).formats }
        if let section = table.sections[.eventDescription] { described = DescribedEvent.decode(bytes, section) }
        mayBeSimpleperfs = isComplete && (description.simpleperf != nil || sections[.version] == nil)
        nameEvents()
    }

    /// With what simpleperf wrote among the records.
    func completed(by bytes: borrowing RawSpan, _ parts: [Range<Int>]) -> Preamble {
        guard mayBeSimpleperfs else { return self }
        var completed = self
        completed.take(SimpleperfRecords(bytes, parts))
        return completed
    }

    private mutating func take(_ records: SimpleperfRecords) {
        if let symbols = records.kernelSymbols {
            var notes = description.simpleperf ?? SimpleperfNotes()
            notes.kernelSymbols = symbols
            description.simpleperf = notes
        }
        for (event, id) in records.ids {
            guard let event = Int(exactly: event), attributes.indices.contains(event) else { continue }
            attributes[event].ids.append(id)
        }
        if formats.isEmpty, let bytes = records.tracingData,
            let section = FileSection(offset: 0, size: UInt64(bytes.count))
        {
            formats = unsafe TracingData(bytes.span.bytes, section).formats
            recordedTracingData = bytes
        }
        nameEvents()
    }

    /// Records: the stream's own kinds (64 and up) are looked at all the way through, since perf may add to them late.
    init(pipe bytes: borrowing RawSpan, data: Range<Int>) {
        _ = RecordWalk(data: data).run(bytes) { header, offset in
            if !header.type.isFromKernel { read(header, bytes, offset) }
        }
        nameEvents()
    }

    private static func ids(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> [UInt64] {
        stride(from: range.lowerBound, through: range.upperBound - 8, by: 8).compactMap {
            bytes.load(UInt64.self, at: $0)
        }
    }

    private mutating func read(_ header: RecordHeader, _ bytes: borrowing RawSpan, _ offset: Int) {
        let end = offset + header.size
        let payload = offset + RecordHeader.size
        switch header.type {
        case .headerAttributes:
            guard attributes.count < Self.mostEvents,
                let decoded = EventAttributes(decoding: bytes.extracting(payload..<end)),
                let size = bytes.load(UInt32.self, at: payload + 4).map(Int.init)
            else { return }
            attributes.append((decoded, Self.ids(bytes, min(payload + size, end)..<end)))
        case .headerTracingData:
            guard let size = bytes.load(UInt32.self, at: payload),
                let section = FileSection(
                    offset: UInt64(RecordWalk.isWithin(header, size) ? payload + 4 : end), size: UInt64(size)),
                section.range.upperBound <= bytes.byteCount
            else { return }
            formats = TracingData(bytes, section).formats
            sections[.tracingData] = section
        case .headerBuildID:
            description.readBuildID(bytes, header, at: offset)
            // In a file's section the type is 0.
            streamedBuildIDs.store(UInt32(0))
            streamedBuildIDs += bytes.bytes(in: offset + 4..<end)
        case .headerFeature:
            guard let bit = bytes.load(UInt64.self, at: payload), bit < 256, end >= payload + 8,
                let section = FileSection(offset: UInt64(payload + 8), size: UInt64(end - payload - 8))
            else { return }
            let feature = Feature(rawValue: Int(bit))
            if feature == .eventDescription { described = DescribedEvent.decode(bytes, section) }
            description.read(feature, section, bytes)
            sections[feature] = section
        case .eventUpdate:
            // `u64` kind, `u64` id, then the text.
            guard payload + 16 <= end, let id = bytes.load(UInt64.self, at: payload + 8) else { return }
            switch bytes.load(UInt64.self, at: payload) {
            case PipeStream.nameUpdate: updatedNames[id] = bytes.string(in: payload + 16..<end)
            case let kind?:
                // The pieces of a private feature, in their order.
                let feature = Feature(rawValue: Int(truncatingIfNeeded: kind))
                guard kind < 256, feature.isPrivate else { return }
                description.privateFeatures[feature, default: []] += bytes.bytes(in: payload + 16..<end)
            case nil: break
            }
        default: break
        }
    }

    private mutating func nameEvents() {
        // A stream may leave its attributes out of EVENT_DESC's order, so names go by id first, then by position.
        var names: [UInt64: String] = updatedNames
        for event in described {
            for id in event.ids { names[id] = event.name }
        }
        let byPosition = described.count == attributes.count
        let formatsByID = Dictionary(formats.map { (UInt64(bitPattern: Int64($0.id)), $0) }) { first, _ in first }
        events = attributes.enumerated().map { index, entry in
            let name = entry.ids.lazy.compactMap { names[$0] }.first ?? (byPosition ? described[index].name : nil)
            return RecordedEvent(
                attributes: entry.attributes, ids: entry.ids, name: name, formats: formatsByID,
                recorderName: description.simpleperf?.eventName(
                    type: entry.attributes.type, config: entry.attributes.config))
        }
    }
}
