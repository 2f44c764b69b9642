import ByteAccess
import PerfRecords

/// What the recorder stored about itself and its machine.
public struct SessionDescription: Hashable, Sendable {
    /// HEADER_HOSTNAME: the name of the machine.
    public var hostname: String?
    /// HEADER_OSRELEASE: the kernel release, as `uname -r` prints it.
    public var osRelease: String?
    /// HEADER_VERSION: the version of perf; for simpleperf, `simpleperf` and its version.
    public var toolVersion: String?
    /// HEADER_ARCH: the architecture as `uname -m` prints it, such as `x86_64`.
    public var architecture: String?
    /// HEADER_CPUDESC: the name of the processor.
    public var processor: String?
    /// HEADER_NRCPUS: how many processors were online.
    public var onlineProcessors: UInt32?
    /// HEADER_CMDLINE: how the recorder was called.
    public var commandLine: [String] = []
    /// The payloads of private features. Those of a stream may end with up to 7 bytes of zero padding.
    package var privateFeatures: [Feature: [UInt8]] = [:]
    /// HEADER_BUILD_ID: build IDs by path; the kernel's under `[kernel.kallsyms]`.
    public var buildIDs: [String: [UInt8]] = [:]
    /// The paths in `buildIDs` that belong to the kernel or its modules.
    public var kernelPaths: Set<String> = []
    /// What only Android's simpleperf records; `nil` if it was not the recorder.
    package var simpleperf: SimpleperfNotes?
}

/// A position in a feature section. Reads return `nil` at the section's end; `string` reads a `perf_header_string`: a
/// `u32` length, then that many bytes with the text and NULs.
struct FeatureCursor {
    var offset: Int
    let end: Int

    init(_ section: FileSection) {
        offset = section.offset
        end = section.range.upperBound
    }

    mutating func half(_ bytes: borrowing RawSpan) -> UInt32? {
        guard offset <= end - 4, let value = bytes.load(UInt32.self, at: offset) else { return nil }
        offset += 4
        return value
    }

    mutating func word(_ bytes: borrowing RawSpan) -> UInt64? {
        guard offset <= end - 8, let value = bytes.load(UInt64.self, at: offset) else { return nil }
        offset += 8
        return value
    }

    mutating func string(_ bytes: borrowing RawSpan) -> String? {
        guard let length = half(bytes), Int(length) <= end - offset else { return nil }
        defer { offset += Int(length) }
        return bytes.string(in: offset..<offset + Int(length))
    }
}

extension SessionDescription {
    init(_ bytes: borrowing RawSpan, _ table: FeatureTable) {
        for (feature, section) in table.sections { read(feature, section, bytes) }
        if let notes = simpleperf {
            toolVersion = toolVersion ?? notes.version.map { "simpleperf \($0)" }
            osRelease = osRelease ?? notes.kernelVersion
        }
    }

    /// Reads one feature's payload, which is after the data or inside a record of a stream.
    mutating func read(_ feature: Feature, _ section: FileSection, _ bytes: borrowing RawSpan) {
        var cursor = FeatureCursor(section)
        switch feature {
        case .hostname: hostname = cursor.string(bytes)
        case .osRelease: osRelease = cursor.string(bytes)
        case .version: toolVersion = cursor.string(bytes)
        case .architecture: architecture = cursor.string(bytes)
        case .cpuDescription: processor = cursor.string(bytes)
        case .cpuCount:
            _ = cursor.half(bytes)
            onlineProcessors = cursor.half(bytes)
        case .commandLine:
            commandLine = []
            for _ in 0..<(cursor.half(bytes) ?? 0) {
                guard let argument = cursor.string(bytes) else { break }
                commandLine.append(argument)
            }
        case .buildID: readBuildIDs(bytes, section)
        case .simpleperfFiles, .simpleperfFiles2, .simpleperfMetadata:
            var notes = simpleperf ?? SimpleperfNotes()
            notes.take(feature, bytes.bytes(in: section.range))
            simpleperf = notes
        default: if feature.isPrivate { privateFeatures[feature] = bytes.bytes(in: section.range) }
        }
    }

    /// A list of `struct perf_record_header_build_id`.
    private mutating func readBuildIDs(_ bytes: borrowing RawSpan, _ section: FileSection) {
        var offset = section.offset
        while let header = RecordHeader(decoding: bytes, at: offset), header.size >= 36,
            offset + header.size <= section.range.upperBound
        {
            readBuildID(bytes, header, at: offset)
            offset += header.size
        }
    }

    /// Header, `i32` pid, 24 bytes with the ID, then the path.
    mutating func readBuildID(_ bytes: borrowing RawSpan, _ header: RecordHeader, at offset: Int) {
        guard header.size >= 36, bytes.byteCount - offset >= header.size else { return }
        let start = offset + 12
        // With PERF_RECORD_MISC_BUILD_ID_SIZE the byte after the 20 is the number of bytes used.
        let hasSize = header.misc.rawValue & (1 << 15) != 0
        let size = hasSize ? min(Int(bytes.load(UInt8.self, at: start + 20) ?? 20), 20) : 20
        let path = bytes.string(in: offset + 36..<offset + header.size)
        buildIDs[path] = bytes.bytes(in: start..<start + size)
        if header.misc.cpuMode == .kernel { kernelPaths.insert(path) } else { kernelPaths.remove(path) }
    }
}

/// One entry of EVENT_DESC: the event's name, attributes and ids.
struct DescribedEvent {
    var name: String
    var attributes: EventAttributes
    var ids: [UInt64]

    static func decode(_ bytes: borrowing RawSpan, _ section: FileSection) -> [DescribedEvent] {
        var cursor = FeatureCursor(section)
        guard let count = cursor.half(bytes), let size = cursor.half(bytes).map(Int.init), size >= 64 else { return [] }
        var events: [DescribedEvent] = []
        for _ in 0..<count {
            guard size <= cursor.end - cursor.offset,
                let attributes = EventAttributes(
                    decoding: bytes.extracting(cursor.offset..<cursor.offset + size))
            else { break }
            cursor.offset += size
            guard let idCount = cursor.half(bytes), let name = cursor.string(bytes) else { break }
            var ids: [UInt64] = []
            for _ in 0..<idCount {
                guard let id = cursor.word(bytes) else { break }
                ids.append(id)
            }
            events.append(DescribedEvent(name: name, attributes: attributes, ids: ids))
        }
        return events
    }
}
