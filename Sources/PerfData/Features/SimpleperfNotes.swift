/// The contents of the features (system/extras/simpleperf/record_file_format.h) and records that only Android's
/// simpleperf writes.
package struct SimpleperfNotes: Hashable, Sendable {
    /// The payloads with the symbols of the files that its samples lie in, in the first and in the second format.
    package var files: [UInt8]?
    package var files2: [UInt8]?
    /// The recorded machine's /proc/kallsyms.
    package var kernelSymbols: [UInt8]?
    /// The version of simpleperf.
    package var version: String?
    package var kernelVersion: String?
    /// simpleperf's names of the events, some of which differ from perf's.
    private var eventNames: [Counted: String] = [:]

    private struct Counted: Hashable, Sendable {
        var type: UInt32
        var config: UInt64
    }

    /// simpleperf's name for the event with this type and config.
    func eventName(type: UInt32, config: UInt64) -> String? { eventNames[Counted(type: type, config: config)] }

    mutating func take(_ feature: Feature, _ payload: [UInt8]) {
        switch feature {
        case .simpleperfFiles: files = payload
        case .simpleperfFiles2: files2 = payload
        default: takeMetadata(payload)
        }
    }

    /// Bytes of metadata that are read at most; 200 tracepoints take 7,000.
    private static let mostMetadata = 1 << 20

    /// Reads alternating keys and values, each NUL-terminated.
    private mutating func takeMetadata(_ payload: [UInt8]) {
        let texts = payload.prefix(Self.mostMetadata).split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        for index in stride(from: 0, to: texts.count - 1, by: 2) {
            let value = texts[index + 1]
            switch texts[index] {
            case "simpleperf_version": version = value
            case "kernel_version": kernelVersion = value
            case "event_type_info":
                // One line per event: name, type, config.
                for line in value.split(separator: "\n").prefix(Preamble.mostEvents) {
                    let words = line.split(separator: ",")
                    guard words.count >= 3, let type = UInt32(words[words.count - 2]),
                        let config = UInt64(words[words.count - 1])
                    else { continue }
                    let counted = Counted(type: type, config: config)
                    eventNames[counted] = eventNames[counted] ?? words.dropLast(2).joined(separator: ",")
                }
            default: break
            }
        }
    }
}
