import ByteAccess
import PerfRecords

/// The TRACING_DATA feature in trace-cmd's format 0.6, from which a reader learns every tracepoint's fields.
///
/// Source: tools/perf/util/trace-event-info.c and trace-event-read.c. Readers need `headerPage` for the size of a long
/// and do not fall back to their own machine's tracefs.
package struct TracingDataEncoding: Sendable {
    package struct Event: Hashable, Sendable {
        package var system: String
        /// The tracepoint's `format` file.
        package var format: [UInt8]

        package init(system: String, format: [UInt8]) {
            self.system = system
            self.format = format
        }
    }

    /// tracefs `events/header_page`.
    package var headerPage: [UInt8]
    /// tracefs `events/header_event`.
    package var headerEvent: [UInt8]
    /// tracefs `printk_formats`: strings that print formats refer to by address.
    package var printkFormats: [UInt8] = []
    package var pageSize: UInt32
    package var events: [Event]

    package init(headerPage: [UInt8], headerEvent: [UInt8], pageSize: UInt32, events: [Event]) {
        self.headerPage = headerPage
        self.headerEvent = headerEvent
        self.pageSize = pageSize
        self.events = events
    }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = [0x17, 0x08, 0x44]
        bytes += "tracing0.6\0".utf8
        // Little-endian; a long has 8 bytes.
        bytes += [0, 8]
        bytes.store(pageSize)
        bytes += "header_page\0".utf8
        append(headerPage, to: &bytes)
        bytes += "header_event\0".utf8
        append(headerEvent, to: &bytes)
        // No formats of ftrace's own events.
        bytes.store(UInt32(0))

        var systems: [String] = []
        for event in events where !systems.contains(event.system) { systems.append(event.system) }
        bytes.store(UInt32(clamping: systems.count))
        for system in systems {
            let formats = events.filter { $0.system == system }.map(\.format)
            bytes += system.utf8
            bytes.append(0)
            bytes.store(UInt32(clamping: formats.count))
            for format in formats { append(format, to: &bytes) }
        }
        // No kallsyms: kernel symbols are resolved elsewhere.
        bytes.store(UInt32(0))
        bytes.store(UInt32(clamping: printkFormats.count))
        bytes += printkFormats
        // No saved command lines: COMM records have them.
        bytes.store(UInt64(0))
        return bytes
    }

    private func append(_ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.store(UInt64(content.count))
        bytes += content
    }
}
