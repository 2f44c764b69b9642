import ByteAccess
import PerfRecords

/// A feature section, identified by its bit in the header: `HEADER_*` of tools/perf/util/header.h, or simpleperf's.
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
    /// HEADER_VERSION: the version of perf.
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
    /// HEADER_CLOCK_DATA: the same moment on the wall clock and on the events' clock.
    public static let clockData = Feature(rawValue: 29)
    /// Features of Android's simpleperf: its metadata, and the symbols of the files that its samples lie in, in a first
    /// format (128) and a second one (132).
    package static let simpleperfFiles = Feature(rawValue: 128)
    package static let simpleperfMetadata = Feature(rawValue: 129)
    package static let simpleperfFiles2 = Feature(rawValue: 132)

    /// Whether it is a recorder's own feature: such bits are far above those of perf and simpleperf, and other readers
    /// ignore them.
    package var isPrivate: Bool { rawValue >= Self.firstPrivate }
    static let firstPrivate = 200
}

/// The sections of a file's features.
struct FeatureTable {
    private(set) var sections: [Feature: FileSection] = [:]
    /// The file ends before the table does, or before one of the sections.
    private(set) var isCut = false

    init() {}

    /// Reads the regular table: one section per set bit, in the order of the bits, directly after the data.
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

    /// Reads the table that `SessionWriter` puts before the data, which exists even if the recorder was killed: magic,
    /// count, then bit, offset and size of each section.
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

    /// Adds the sections of `other` that are missing here.
    mutating func complete(by other: FeatureTable) {
        sections.merge(other.sections) { own, _ in own }
    }

    static let earlyMagic: [UInt8] = Array("SPWNSCP1".utf8)
}
