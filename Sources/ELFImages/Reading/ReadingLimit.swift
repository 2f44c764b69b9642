/// A part of a file that is skipped or cut because no real program has as much of it.
///
/// Checked against node, libLLVM 15, libstdc++, and clang, lldb and the compiler of Swift 6.3.
public enum ReadingLimit: Hashable, Sendable {
    /// A section or segment, by name: reading it would exceed three times the file's bytes on disk plus 8 MiB, or it
    /// unpacks to too much, or it is damaged.
    case section(String)
    /// Symbol names longer than 4,096 bytes, which are cut.
    case longNames
    /// Symbols beyond 4,194,304, Go functions beyond 1,048,576, or PLT stubs whose names take too much memory.
    case symbols
    /// Debug information that unpacks to more than 1 GiB, or to more than 64 MiB plus four times its size in the file,
    /// or has a section name of 256 bytes or more.
    case debugInformation
    /// `.gnu_debugdata` that unpacks to more than 16 MiB plus eight times its packed size.
    case miniDebugInformation
}

/// How many bytes of one file may be brought into memory: a multiple of its bytes on disk, whatever its headers claim.
/// A sparse file may have a size of gigabytes.
final class ReadingBudget {
    private var left: UInt64
    private(set) var limits: [ReadingLimit] = []
    private var sections: Set<Int> = []

    /// Added to each file's budget, for files for which the filesystem reports few or no blocks, such as compressed
    /// ones.
    static let least: UInt64 = 8 << 20
    /// Parts of a file are read once, the names of its symbols twice.
    static let factor: UInt64 = 3

    init(bytesOnDisk: UInt64) {
        let (product, overflow) = bytesOnDisk.multipliedReportingOverflow(by: Self.factor)
        left = overflow ? .max : max(product, product &+ Self.least)
    }

    /// Takes `count` bytes from the budget; false, with the limit noted, if too few are left.
    func take(_ count: UInt64, for name: @autoclosure () -> String) -> Bool {
        guard count <= left else {
            note(.section(name()))
            return false
        }
        left -= count
        return true
    }

    /// Takes a section's bytes, only once for each section, since they stay in memory.
    func take(section index: Int, _ count: UInt64, for name: @autoclosure () -> String) -> Bool {
        if sections.contains(index) { return true }
        guard take(count, for: name()) else { return false }
        sections.insert(index)
        return true
    }

    func note(_ limit: ReadingLimit) {
        if !limits.contains(limit) { limits.append(limit) }
    }
}
