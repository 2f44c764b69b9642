import ByteAccess
import PerfRecords

/// A section behind the records, by its bit in the header: `HEADER_*` of tools/perf/util/header.h, and those of simpleperf.
public struct Feature: RawRepresentable, Hashable, Sendable {
    /// The number of its bit, 0…255.
    public let rawValue: Int
    /// A feature by the number of its bit, known or not.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// HEADER_TRACING_DATA: the formats of tracepoints, see `PerfDataFile.tracepoints`.
    public static let tracingData = Feature(rawValue: 1)
    /// HEADER_BUILD_ID: see `SessionDescription.buildIDs`.
    public static let buildID = Feature(rawValue: 2)
    /// HEADER_HOSTNAME: the name of the machine.
    public static let hostname = Feature(rawValue: 3)
    /// HEADER_OSRELEASE: what `uname -r` prints.
    public static let osRelease = Feature(rawValue: 4)
    /// HEADER_VERSION: of perf.
    public static let version = Feature(rawValue: 5)
    /// HEADER_ARCH: what `uname -m` prints.
    public static let architecture = Feature(rawValue: 6)
    /// HEADER_NRCPUS: CPUs configured and CPUs online, a `u32` each.
    public static let cpuCount = Feature(rawValue: 7)
    /// HEADER_CPUDESC: the name of the processor.
    public static let cpuDescription = Feature(rawValue: 8)
    /// HEADER_CMDLINE: how the recorder was called.
    public static let commandLine = Feature(rawValue: 11)
    /// HEADER_EVENT_DESC: names, attributes and ids of the events, see `PerfDataFile.events`.
    public static let eventDescription = Feature(rawValue: 12)
    /// HEADER_AUXTRACE: where the processor traces lie in the data.
    public static let auxiliaryTrace = Feature(rawValue: 18)
    /// HEADER_SAMPLE_TIME: times of the first and the last sample, two `u64` of nanoseconds.
    public static let sampleTime = Feature(rawValue: 21)
    /// HEADER_CLOCKID: the resolution of the events' clock in nanoseconds, a `u64`.
    public static let clockID = Feature(rawValue: 23)
    /// HEADER_DIR_FORMAT: the version of the layout of a directory, a `u64`.
    public static let directoryFormat = Feature(rawValue: 24)
    /// HEADER_COMPRESSED: how the records are compressed.
    public static let compressed = Feature(rawValue: 27)
    /// HEADER_CLOCK_DATA: one moment on the wall clock and on the events' clock.
    public static let clockData = Feature(rawValue: 29)
    /// Of Android's simpleperf: the symbols of the files that its samples lie in, in their first and in their second form, and what it
    /// says of itself.
    package static let simpleperfFiles = Feature(rawValue: 128)
    package static let simpleperfMetadata = Feature(rawValue: 129)
    package static let simpleperfFiles2 = Feature(rawValue: 132)

    /// Far above the bits that perf and simpleperf have given a meaning: what a recorder keeps there is its own. Other readers ignore it.
    package var isPrivate: Bool { rawValue >= Self.firstPrivate }
    static let firstPrivate = 200
}

/// Where a file's features stand.
struct FeatureTable {
    private(set) var sections: [Feature: FileSection] = [:]
    /// The file ends before the table does, or before one of the sections.
    private(set) var isCut = false

    init() {}

    /// The regular table: one section per set bit, in the order of the bits, right behind the data.
    init(_ bytes: borrowing RawSpan, bitmap: [UInt64], at start: Int) {
        var position = start
        for bit in 0..<bitmap.count * 64 where bitmap[bit / 64] & (1 << UInt64(bit % 64)) != 0 {
            if let section = FileSection(bytes, at: position), section.range.upperBound <= bytes.byteCount {
                sections[Feature(rawValue: bit)] = section
            } else {
                isCut = true
            }
            position += 16
        }
    }

    /// The table that `SessionWriter` puts in front of the data, which is there even when the recorder was killed:
    /// magic, count, then bit, offset and size of each.
    init(_ bytes: borrowing RawSpan, earlyTableAt start: Int) {
        guard bytes.bytes(in: start..<start + 8) == Self.earlyMagic,
            let count = bytes.load(UInt64.self, at: start + 8), count <= 256
        else { return }
        for index in 0..<Int(count) {
            let entry = start + 16 + 24 * index
            guard let bit = bytes.load(UInt64.self, at: entry), bit < 256,
                let section = FileSection(bytes, at: entry + 8), section.range.upperBound <= bytes.byteCount
            else { continue }
            sections[Feature(rawValue: Int(bit))] = section
        }
    }

    /// What is missing here is taken from another table.
    mutating func complete(by other: FeatureTable) {
        sections.merge(other.sections) { own, _ in own }
    }

    static let earlyMagic: [UInt8] = Array("SPWNSCP1".utf8)
}
