import ByteAccess
import PerfRecords

extension PipeStream {
    /// The records of the stream that precede the data.
    static func start(
        _ bytes: borrowing RawSpan, _ header: FileHeader, _ path: String
    ) throws(PerfDataError) -> [UInt8] {
        guard let data = header.data, let attributes = header.attributes else {
            throw .invalidHeader(path: path, offset: 24, reason: "the attributes lie outside the file")
        }
        var table = FeatureTable(bytes, bitmap: header.features, at: data.range.upperBound)
        // If the disk was full, only the early table has the features.
        table.complete(by: FeatureTable(bytes, earlyTableAt: try earlyTable(bytes, header, attributes, path)))
        let names = table.sections[.eventDescription].map { DescribedEvent.decode(bytes, $0).map(\.name) } ?? []
        var stream = Array("PERFILE2".utf8)
        stream.store(UInt64(FileHeader.pipeSize))
        var firstID: UInt64?
        for index in 0..<attributes.size / header.attributeSize {
            let entry = attributes.offset + index * header.attributeSize
            let ids = try ids(bytes, header, at: entry, path)
            stream.append(
                .headerAttributes,
                bytes.bytes(in: entry..<entry + header.attributeSize - 16) + bytes.bytes(in: ids.range))
            firstID = firstID ?? bytes.load(UInt64.self, at: ids.offset)
            guard names.indices.contains(index), let id = bytes.load(UInt64.self, at: ids.offset) else { continue }
            stream.append(update: nameUpdate, of: id, Array(names[index].utf8) + [0])
        }
        if let section = table.sections[.tracingData] {
            var payload = bytes.bytes(in: section.range)
            payload.pad(to: 8)
            var size: [UInt8] = []
            size.store(UInt32(clamping: payload.count))
            size.store(UInt32(0))
            stream.append(.headerTracingData, size)
            stream += payload
        }
        if let section = table.sections[.buildID] { stream.append(buildIDs: bytes, section) }
        for feature in copied {
            if let section = table.sections[feature] { stream.append(feature, bytes.bytes(in: section.range)) }
        }
        for (feature, section) in table.sections.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where feature.isPrivate {
            guard let id = firstID else { continue }
            stream.append(pieces: bytes, section, UInt64(feature.rawValue), of: id)
        }
        return stream
    }

    private static func ids(
        _ bytes: borrowing RawSpan, _ header: FileHeader, at entry: Int, _ path: String
    ) throws(PerfDataError) -> FileSection {
        let position = entry + header.attributeSize - 16
        guard let ids = FileSection(bytes, at: position), ids.range.upperBound <= bytes.byteCount else {
            throw .invalidHeader(path: path, offset: position, reason: "an event's ids lie outside the file")
        }
        return ids
    }

    private static func earlyTable(
        _ bytes: borrowing RawSpan, _ header: FileHeader, _ attributes: FileSection, _ path: String
    ) throws(PerfDataError) -> Int {
        var end = attributes.range.upperBound
        for index in 0..<attributes.size / header.attributeSize {
            end = max(
                end, try ids(bytes, header, at: attributes.offset + index * header.attributeSize, path).range.upperBound
            )
        }
        return (end + 7) & ~7
    }

    /// Features sent as HEADER_FEATURE records. EVENT_DESC may exceed a record: EVENT_UPDATE carries the names instead.
    private static let copied: [Feature] = [
        .hostname, .osRelease, .version, .architecture, .cpuCount, .commandLine, .sampleTime, .clockID, .compressed,
        .clockData,
    ]

    /// PERF_EVENT_UPDATE__NAME, a kind of EVENT_UPDATE. A private feature is sent as the kind with its bit number: perf
    /// skips unknown kinds, but stops at unknown features and record types.
    static let nameUpdate: UInt64 = 2
}

extension [UInt8] {
    /// Appends a record. Its size field has 16 bits: larger records (events of thousands of CPUs) are left out.
    fileprivate mutating func append(_ type: RecordType, misc: UInt16 = 0, _ payload: [UInt8]) {
        guard let size = UInt16(exactly: RecordHeader.size + payload.count) else { return }
        store(type.rawValue)
        store(misc)
        store(size)
        self += payload
    }

    /// HEADER_FEATURE: `u64` bit, then the payload.
    fileprivate mutating func append(_ feature: Feature, _ payload: [UInt8]) {
        var content: [UInt8] = []
        content.store(UInt64(feature.rawValue))
        append(.headerFeature, content + payload)
    }

    /// EVENT_UPDATE: `u64` kind, `u64` event id, then text, padded as each record must start at a multiple of 8.
    fileprivate mutating func append(update kind: UInt64, of id: UInt64, _ text: [UInt8]) {
        var payload: [UInt8] = []
        payload.store(kind)
        payload.store(id)
        payload += text
        payload.pad(to: 8)
        append(.eventUpdate, payload)
    }

    /// Appends a section that may exceed a record as several EVENT_UPDATE records; zeros pad the last one.
    fileprivate mutating func append(
        pieces bytes: borrowing RawSpan, _ section: FileSection, _ kind: UInt64, of id: UInt64
    ) {
        let most = 65_000
        for start in stride(from: section.offset, to: section.range.upperBound, by: most) {
            append(update: kind, of: id, bytes.bytes(in: start..<Swift.min(start + most, section.range.upperBound)))
        }
    }

    /// Appends a record for each entry of the BUILD_ID feature; in a file the entries' type is 0.
    fileprivate mutating func append(buildIDs bytes: borrowing RawSpan, _ section: FileSection) {
        var offset = section.offset
        while let header = RecordHeader(decoding: bytes, at: offset), header.size >= RecordHeader.size,
            header.size <= section.range.upperBound - offset
        {
            let payload = bytes.bytes(in: offset + RecordHeader.size..<offset + header.size)
            append(.headerBuildID, misc: header.misc.rawValue, payload)
            offset += header.size
        }
    }
}
