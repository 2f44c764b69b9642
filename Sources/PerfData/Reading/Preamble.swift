import ByteAccess
import PerfRecords

/// What has to be known before the first record can be read: events and features, from a file's sections or from a
/// stream's own records. Later code need not distinguish between the two.
struct Preamble {
    private(set) var description = SessionDescription()
    private(set) var formats: [TracepointFormat] = []
    private(set) var events: [RecordedEvent] = []
    /// The features' sections in the file. A stream's build IDs are separate records, see `streamedBuildIDs`.
    private(set) var sections: [Feature: FileSection] = [:]
    private(set) var streamedBuildIDs: [UInt8] = []
    /// The file ends within its feature table or a feature section.
    private(set) var hasCutFeatures = false

    private var attributes: [(attributes: EventAttributes, ids: [UInt64])] = []
    private var described: [DescribedEvent] = []
    /// simpleperf may have written the file: it has simpleperf's features, or lacks HEADER_VERSION, which perf writes.
    private(set) var mayBeSimpleperfs = false
    /// The tracing data, if they came from simpleperf's records.
    private(set) var recordedTracingData: [UInt8]?
    /// The most events supported: `RecordSorter` stores an event's index in 16 bits.
    static let mostEvents = 1 << 16
    /// Names given to ids by EVENT_UPDATE records.
    private var updatedNames: [UInt64: String] = [:]

    /// Reads a file's sections. `isComplete`: the feature table after the data was written. If the recorder was killed,
    /// there is garbage in its place, and only the early table that spawnscope writes before the data is used.
    init(file bytes: borrowing RawSpan, header: FileHeader, isComplete: Bool, path: String) throws(PerfDataError) {
        guard let section = header.attributes, let data = header.data else { return }
        var end = section.range.upperBound
        let count = section.size / header.attributeSize
        guard count <= Self.mostEvents else {
            throw .invalidHeader(path: path, offset: 32, reason: "there are \(count) events")
        }
        // The id sections must not overlap: so their total size is at most that of the file.
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

    /// Adds what simpleperf wrote among the records, if it may have written the file.
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

    /// Reads a stream's own records (type 64 and up) through to its end, since perf may write some of them late.
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
                // A piece of a private feature; the pieces are in order.
                let feature = Feature(rawValue: Int(truncatingIfNeeded: kind))
                guard kind < 256, feature.isPrivate else { return }
                description.privateFeatures[feature, default: []] += bytes.bytes(in: payload + 16..<end)
            case nil: break
            }
        default: break
        }
    }

    private mutating func nameEvents() {
        // A stream's attributes may not be in EVENT_DESC's order, so events are named by id first, then by position.
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
