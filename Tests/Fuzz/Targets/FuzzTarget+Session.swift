import ByteAccess
import ELFImages
import PerfData
import PerfRecords
import Session
import SpawnModel
import Symbolication

extension FuzzTarget {
    /// The names of a packed session.
    static let packedNames = FuzzTarget("packed-names", longest: 1 << 13) { bytes in
        guard let symbols = try? PackedSymbols(decoding: bytes) else { return }
        guard let again = try? PackedSymbols(decoding: symbols.encoded()), again == symbols else {
            preconditionFailure("what was read is written otherwise")
        }
        var settings = SymbolSettings()
        settings.packed = symbols
        let symbolizer = Symbolizer(style: .best, settings: settings)
        for (index, image) in symbols.images.prefix(32).enumerated() {
            let start = UInt64(index) << 32
            symbolizer.map(
                process: 1, start: start, length: 1 << 32, fileOffset: 0, path: image.path, buildID: image.buildID,
                isExecutable: true)
            for offset in image.best.prefix(16).map(\.range.lowerBound) + image.places.keys.sorted().prefix(16) + [0] {
                let address = start &+ offset & 0xFFFF_FFFF
                let frame = symbolizer.frame(process: 1, address: address, isKernel: false, isReturnAddress: false)
                _ = symbolizer.javaName(of: frame)
                _ = symbolizer[symbolizer.place(process: 1, address: address, isReturnAddress: false)]
            }
        }
    }

    /// The names that simpleperf puts into its recordings: the first byte's bits say in which form, and whether the rest is its machine's
    /// kallsyms, too.
    static let recordedNames = FuzzTarget("recorded-names", longest: 1 << 13) { bytes in
        let section = Array(bytes.dropFirst())
        let choice = bytes.first ?? 0
        var settings = SymbolSettings()
        settings.kallsyms = "/nonexistent"
        settings.otherMachine = OtherMachine(host: "an Android device", release: nil)
        settings.takeRecordedNames(
            files: choice & 1 == 0 ? section : nil, files2: choice & 1 == 0 ? nil : section,
            kernelSymbols: choice & 2 == 0 ? nil : section)
        let symbolizer = Symbolizer(style: .best, settings: settings)
        for (index, path) in ["/a", "/b", "[vdso]", "//anon"].enumerated() {
            symbolizer.map(
                process: 7, start: UInt64(index) << 20, length: 1 << 20, fileOffset: 0x1000,
                symbolizer.content(
                    path: path, buildID: nil, isExecutable: true, isCopiedCode: index == 1 && choice & 4 != 0))
        }
        for path in ["[kernel.kallsyms]", "/m.ko"] {
            symbolizer.map(
                process: -1, start: path == "/m.ko" ? 0x8000_0000 : 0, length: path == "/m.ko" ? 0x1000 : .max,
                fileOffset: 0, path: path, buildID: nil, isExecutable: true)
        }
        for step in 0..<64 as Range<UInt64> {
            for (address, isKernel) in [
                (step << 16 | 0x110, false), (step << 6, false), (0x8000_0000 | step << 5, true),
            ] {
                let frame = symbolizer.frame(
                    process: 7, address: address, isKernel: isKernel, isReturnAddress: false)
                precondition(!symbolizer.name(of: frame).contains("\n"))
            }
        }
        // Everything that was asked for can be packed, and read again.
        let packed = symbolizer.packedSymbols
        precondition((try? PackedSymbols(decoding: packed.encoded())) == packed)
    }

    /// The session's own metadata.
    static let metadata = FuzzTarget("metadata", longest: 1 << 12) { bytes in
        guard let metadata = try? SessionMetadata(json: bytes) else { return }
        _ = metadata.command?.joined(separator: " ")
        _ = metadata.end?.reason
    }

    /// The formats of tracepoints: a text by itself, and a session's copy of tracefs.
    static let tracingFormats = FuzzTarget("tracing-formats", longest: 1 << 14) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        for system in ["task", "syscalls"] {
            guard let format = TracepointFormat(system: system, text: text) else { continue }
            let record = bytes.span.bytes
            for field in format.fields {
                for raw in [0..<bytes.count, 8..<min(bytes.count, 64)] where raw.lowerBound <= raw.upperBound {
                    _ = field.place.integer(in: record, raw: raw)
                    if let range = field.place.text(in: record, raw: raw) { _ = record.string(in: range) }
                }
            }
            let decoder = LifecycleDecoder(tracepoints: [format, nil])
            var tracker = SpawnTracker(roots: .everything, evidence: decoder.evidence)
            let sample = RawSample(pid: 1, tid: 1, time: 5, raw: 0..<bytes.count)
            if let event = decoder.decode(sample, event: 0, in: record) { tracker.handle(event) }
            tracker.finish()
        }
        let file = FuzzFile(session(tracingData: bytes))
        guard let session = try? PerfDataFile(path: file.path) else {
            preconditionFailure("the wrapping file is whole")
        }
        precondition(session.tracepoints.count <= bytes.count)
    }

    /// A perf.data file of one event, without records, whose feature 1 (TRACING_DATA) is `tracingData`.
    private static func session(tracingData: [UInt8]) -> [UInt8] {
        let attributes = EventAttributes().encoded(size: 128)
        let (header, entry) = (104, 144)
        let data = header + entry
        var file = Array("PERFILE2".utf8)
        for word in [header, entry, header, entry, data, 0, 0, 0] { file.store(UInt64(word)) }
        for word in [1 << 1, 0, 0, 0] as [UInt64] { file.store(word) }
        file += attributes
        for word in [header, 0, data + 16, tracingData.count] { file.store(UInt64(word)) }
        return file + tracingData
    }
}
