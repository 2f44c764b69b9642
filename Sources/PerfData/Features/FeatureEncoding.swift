import ByteAccess
import PerfRecords

/// Encodes the payloads of a perf.data file's feature sections.
///
/// Sources: tools/perf/Documentation/perf.data-file-format.txt and tools/perf/util/header.c.
package enum FeatureEncoding {
    /// Bit numbers in the header's feature bitmap (`HEADER_*`).
    package enum Bit {
        package static let tracingData = 1
        package static let buildID = 2
        package static let hostName = 3
        package static let osRelease = 4
        package static let version = 5
        package static let architecture = 6
        package static let cpuCount = 7
        package static let cpuDescription = 8
        package static let commandLine = 11
        package static let eventDescription = 12
        package static let sampleTime = 21
        package static let clockID = 23
        package static let clockData = 29
        /// The number of bits in the header.
        package static let count = 256
    }

    /// `u32` length including the padding, then the NUL-terminated string, padded to a multiple of 64 bytes.
    package static func string(_ text: String) -> [UInt8] {
        var content = Array(text.utf8)
        content.append(0)
        content.pad(to: 64)
        var bytes: [UInt8] = []
        bytes.store(UInt32(clamping: content.count))
        return bytes + content
    }

    /// HEADER_CMDLINE: `u32` count, then each string.
    package static func strings(_ texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(clamping: texts.count))
        for text in texts { bytes += string(text) }
        return bytes
    }

    /// HEADER_NRCPUS: `u32` CPUs configured, `u32` CPUs online.
    package static func cpuCount(available: Int, online: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(clamping: available))
        bytes.store(UInt32(clamping: online))
        return bytes
    }

    /// HEADER_EVENT_DESC: `u32` count, `u32` attr size; each event's attr, `u32` id count, name and ids.
    package static func eventDescription(_ events: [SessionWriter.Event]) -> [UInt8] {
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
    package static func sampleTime(first: UInt64, last: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(first)
        bytes.store(last)
        return bytes
    }

    /// HEADER_CLOCKID: the clock's resolution in nanoseconds.
    package static func clockResolution(_ nanoseconds: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(nanoseconds)
        return bytes
    }

    /// HEADER_CLOCK_DATA, version 1: the same moment on the wall clock and on the events' clock, in nanoseconds.
    package static func clockData(clockID: Int32, wallClock: UInt64, clock: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(1))
        bytes.store(UInt32(bitPattern: clockID))
        bytes.store(wallClock)
        bytes.store(clock)
        return bytes
    }

    /// One entry of HEADER_BUILD_ID.
    package struct BuildID: Hashable, Sendable {
        package var path: [UInt8]
        /// Only the first 20 bytes are used.
        package var buildID: [UInt8]
        /// The file is the kernel or a module, not one that processes map.
        package var isKernel: Bool

        package init(path: [UInt8], buildID: [UInt8], isKernel: Bool = false) {
            self.path = path
            self.buildID = buildID
            self.isKernel = isKernel
        }
    }

    /// HEADER_BUILD_ID, one `struct perf_record_header_build_id` per entry: header with the CPU mode and
    /// PERF_RECORD_MISC_BUILD_ID_SIZE, `i32` pid (-1: every process), 20 bytes with the ID, a byte with its size, three
    /// reserved bytes, then the NUL-terminated path padded to a multiple of 64 bytes.
    package static func buildIDs(_ entries: [BuildID]) -> [UInt8] {
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
