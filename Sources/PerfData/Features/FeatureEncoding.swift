import ByteAccess
import PerfRecords

/// The payloads of a perf.data file's feature sections, as tools/perf/Documentation/perf.data-file-format.txt and
/// tools/perf/util/header.c lay them out.
public enum FeatureEncoding {
    /// Bit numbers in the header's feature bitmap (`HEADER_*`).
    public enum Bit {
        public static let tracingData = 1
        public static let buildID = 2
        public static let hostName = 3
        public static let osRelease = 4
        public static let version = 5
        public static let architecture = 6
        public static let cpuCount = 7
        public static let cpuDescription = 8
        public static let commandLine = 11
        public static let eventDescription = 12
        public static let sampleTime = 21
        public static let clockID = 23
        public static let clockData = 29
        /// Bits that the header has room for.
        public static let count = 256
    }

    /// `u32` length with the padding, then the NUL-terminated string padded to 64 bytes.
    public static func string(_ text: String) -> [UInt8] {
        var content = Array(text.utf8)
        content.append(0)
        content.pad(to: 64)
        var bytes: [UInt8] = []
        bytes.store(UInt32(clamping: content.count))
        return bytes + content
    }

    /// HEADER_CMDLINE: `u32` count, then each string.
    public static func strings(_ texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(clamping: texts.count))
        for text in texts { bytes += string(text) }
        return bytes
    }

    /// HEADER_NRCPUS: `u32` CPUs configured, `u32` CPUs online.
    public static func cpuCount(available: Int, online: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(clamping: available))
        bytes.store(UInt32(clamping: online))
        return bytes
    }

    /// HEADER_EVENT_DESC: `u32` count, `u32` attr size; each event's attr, `u32` id count, name and ids.
    public static func eventDescription(_ events: [SessionWriter.Event]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(clamping: events.count))
        bytes.store(UInt32(EventAttributes.encodedSize))
        for event in events {
            bytes += event.attributes.encoded()
            bytes.store(UInt32(clamping: event.ids.count))
            bytes += string(event.name)
            for id in event.ids { bytes.store(id) }
        }
        return bytes
    }

    /// HEADER_SAMPLE_TIME: times of the first and the last sample, nanoseconds of the events' clock.
    public static func sampleTime(first: UInt64, last: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(first)
        bytes.store(last)
        return bytes
    }

    /// HEADER_CLOCKID: the clock's resolution in nanoseconds.
    public static func clockResolution(_ nanoseconds: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(nanoseconds)
        return bytes
    }

    /// HEADER_CLOCK_DATA, version 1: one moment on the wall clock and on the events' clock, nanoseconds.
    public static func clockData(clockID: Int32, wallClock: UInt64, clock: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(1))
        bytes.store(UInt32(bitPattern: clockID))
        bytes.store(wallClock)
        bytes.store(clock)
        return bytes
    }

    /// One entry of HEADER_BUILD_ID.
    public struct BuildID: Hashable, Sendable {
        public var path: [UInt8]
        /// 20 bytes of it count.
        public var buildID: [UInt8]
        /// Kernel text or module, not a file that processes map.
        public var isKernel: Bool

        public init(path: [UInt8], buildID: [UInt8], isKernel: Bool = false) {
            self.path = path
            self.buildID = buildID
            self.isKernel = isKernel
        }
    }

    /// HEADER_BUILD_ID, a `struct perf_record_header_build_id` each: header with the CPU mode and
    /// PERF_RECORD_MISC_BUILD_ID_SIZE, `i32` pid (-1: of every process), 20 bytes with the ID, its size, three reserved ones,
    /// then the NUL-terminated path padded to 64 bytes.
    public static func buildIDs(_ entries: [BuildID]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            let buildID = entry.buildID.prefix(20)
            var path = Array(entry.path.prefix { $0 != 0 }.prefix(4095)) + [0]
            path.pad(to: 64)
            bytes.store(UInt32(0))
            bytes.store(UInt16(1 << 15 | (entry.isKernel ? 1 : 2)))
            bytes.store(UInt16(clamping: 36 + path.count))
            bytes.store(Int32(-1))
            bytes += buildID
            bytes += [UInt8](repeating: 0, count: 20 - buildID.count)
            bytes.store(UInt32(buildID.count))
            bytes += path
        }
        return bytes
    }
}
