/// What Android's simpleperf says in features of its own (system/extras/simpleperf/record_file_format.h) and in its own records.
package struct SimpleperfNotes: Hashable, Sendable {
    /// The symbols of the files that its samples lie in, as bytes, in the first form and in the second.
    package var files: [UInt8]?
    package var files2: [UInt8]?
    /// The recorded machine's /proc/kallsyms.
    package var kernelSymbols: [UInt8]?
    /// Of itself.
    package var version: String?
    package var kernelVersion: String?
    /// Its names of what was counted, which are not all perf's.
    private var eventNames: [Counted: String] = [:]

    private struct Counted: Hashable, Sendable {
        var type: UInt32
        var config: UInt64
    }

    /// What an event is called that counts this.
    func eventName(type: UInt32, config: UInt64) -> String? { eventNames[Counted(type: type, config: config)] }

    mutating func take(_ feature: Feature, _ payload: [UInt8]) {
        switch feature {
        case .simpleperfFiles: files = payload
        case .simpleperfFiles2: files2 = payload
        default: takeMetadata(payload)
        }
    }

    /// Bytes; of 200 tracepoints they take 7,000.
    private static let mostMetadata = 1 << 20

    /// Keys and values in turn, each text with a NUL behind it.
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
                // A line each: name, type, config.
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
