package import PerfRecords

/// A tracepoint as this kernel's tracefs describes it.
package struct TracepointDescription: Hashable, Sendable {
    package let format: TracepointFormat
    /// The `format` file as it is, for the session.
    package let text: [UInt8]

    /// `nil` when the text has no name or id.
    package init?(system: String, text: [UInt8]) {
        guard let format = TracepointFormat(system: system, text: String(decoding: text, as: UTF8.self)) else {
            return nil
        }
        self.format = format
        self.text = text
    }

    /// `perf_event_attr.config`.
    package var id: UInt64 { UInt64(clamping: format.id) }
}
