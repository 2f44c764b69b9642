import Glibc

/// Sizes in bytes of a recording's rings if none is requested.
///
/// A ring must hold what happens while the recorder cannot run: tenths of a second, when a virtual machine's CPU is
/// taken away or a file system is busy. A dump takes the full requested size, so that a loop of spawns at full speed
/// fills 4 MiB in 0.1 to 0.2 s with dumps, and in more than a second without.
enum RingSize {
    static let usual = 4 << 20
    static let withDumps = 16 << 20
    /// The most for all rings together: their pages are never swapped, and are cleared before the command starts.
    static let mostOfAll = 256 << 20
    /// The recorder is woken when a quarter of the ring is full, or this many bytes if that is less.
    static let mostBetweenWakeUps = 1 << 20

    /// Sizes to try, the largest first, since not every user may lock so much. `memory`: the machine's, in bytes.
    static func choices(_ options: RecordingOptions, cpus: Int, memory: UInt64) -> [Int] {
        if let size = options.ringSize { return [size] }
        guard StackDump(options).size > 0 else { return [usual] }
        let most = min(mostOfAll, Int(clamping: memory / 64)) / max(1, cpus)
        return [withDumps, withDumps / 2].filter { $0 <= most } + [usual]
    }

    /// Bytes of memory that the machine has.
    static var memory: UInt64 {
        UInt64(clamping: sysconf(Int32(_SC_PHYS_PAGES))).multipliedReportingOverflow(
            by: UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)))
        ).partialValue
    }
}

extension RecordingOptions {
    /// The smallest size that a ring may get, in bytes.
    var leastRingSize: Int { ringSize ?? RingSize.usual }
}
