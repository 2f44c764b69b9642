import ByteAccess
import PerfRecords
import Symbolication

extension FuzzTarget {
    /// A `jit-PID.dump` that a process had mapped.
    static let jitDump = FuzzTarget("jit-dump", longest: 1 << 14) { bytes in
        let directory = FuzzDirectory()
        directory.add("jit-42.dump", bytes)
        nameFrames(in: directory, dump: "/jit-42.dump", bytes, style: .best)
    }

    /// A `perf-PID.map`.
    static let perfMap = FuzzTarget("perf-map", longest: 1 << 13) { bytes in
        let directory = FuzzDirectory()
        directory.add("perf-42.map", bytes)
        for style in [NameStyle.best, .perf] { nameFrames(in: directory, dump: nil, bytes, style: style) }
    }

    private static func nameFrames(in directory: FuzzDirectory, dump: String?, _ bytes: [UInt8], style: NameStyle) {
        var settings = SymbolSettings()
        settings.jitMapDirectory = directory.path
        settings.hasMonotonicTimes = true
        settings.asksLivingProcesses = false
        settings.buildIDCache = nil
        let symbolizer = Symbolizer(style: style, settings: settings)
        symbolizer.map(
            process: 42, start: 0, length: 1 << 63, fileOffset: 0, path: "//anon", buildID: nil, isExecutable: true)
        if let dump {
            symbolizer.map(
                process: 42, start: 0x9000_0000_0000_0000, length: 0x1000, fileOffset: 0, path: directory.path + dump,
                buildID: nil, isExecutable: true)
        }
        let span = bytes.span.bytes
        // Where the records of a seed have their addresses and times, and everywhere else a little.
        for time in [0, 10, 20, 1 << 40, .max] as [UInt64] {
            symbolizer.advance(to: time)
            for offset in stride(from: 0, to: min(bytes.count, 512), by: 8) {
                let address = span.load(UInt64.self, at: offset) ?? 0
                let frame = symbolizer.frame(
                    process: 42, address: address, isKernel: false, isReturnAddress: offset % 16 == 0)
                _ = symbolizer.name(of: frame)
            }
            let frame = symbolizer.frame(process: 42, address: 0x1008, isKernel: false, isReturnAddress: false)
            _ = symbolizer.name(of: frame)
        }
        _ = symbolizer.problems
    }
}
