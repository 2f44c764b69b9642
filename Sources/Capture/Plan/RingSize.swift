import Glibc

/// Bytes of the rings of a recording that asks for no size.
///
/// A ring has to hold what happens while the recorder cannot run: on a virtual machine, whose CPU may be taken away, or while a
/// file system is busy, that is tenths of a second. A dump takes the whole size asked for, so that a loop of spawns at full speed
/// fills 4 MiB in 0.1 to 0.2 s with dumps, and in more than a second without.
enum RingSize {
    static let usual = 4 << 20
    static let withDumps = 16 << 20
    /// Of all rings: pages that are never swapped, and that are cleared before the command starts.
    static let mostOfAll = 256 << 20
    /// The recorder is woken by a quarter of the ring, or so much.
    static let mostBetweenWakeUps = 1 << 20

    /// What to try, the largest first: not everybody may lock so much. `memory`: bytes of the machine's.
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
    /// What a ring has at least.
    var leastRingSize: Int { ringSize ?? RingSize.usual }
}
