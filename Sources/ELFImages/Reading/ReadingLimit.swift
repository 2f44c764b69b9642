/// What of a file is not read, or is cut, because no real program has that much of it.
///
/// Tried: node, libLLVM 15, libstdc++, and clang, lldb and the compiler of Swift 6.3.
public enum ReadingLimit: Hashable, Sendable {
    /// A section, by name: the file has too little on disk to hold all that was read of it. The limit is three times that.
    case section(String)
    /// Names of symbols are cut at 4,096 bytes.
    case longNames
    /// There are more than 4,194,304 symbols, or 1,048,576 functions of Go.
    case symbols
    /// Debug information that takes more than 1 GiB, or cannot be unpacked in that.
    case debugInformation
    /// `.gnu_debugdata` that unpacks to more than 16 MiB.
    case miniDebugInformation
}

/// How many bytes of one file may be brought into memory: a multiple of those that it has on disk, whatever its headers say. A
/// file of nothing but holes is gigabytes large by its size.
final class ReadingBudget {
    private var left: UInt64
    private(set) var limits: [ReadingLimit] = []
    private var sections: Set<Int> = []

    /// What is read of a file of which the file system tells no blocks, such as a compressed one. A program's parts are read once,
    /// its symbols' names twice.
    static let least: UInt64 = 8 << 20
    static let factor: UInt64 = 3

    init(bytesOnDisk: UInt64) {
        let (product, overflow) = bytesOnDisk.multipliedReportingOverflow(by: Self.factor)
        left = overflow ? .max : max(product, product &+ Self.least)
    }

    /// False where `count` bytes more would be too many.
    func take(_ count: UInt64, for name: @autoclosure () -> String) -> Bool {
        guard count <= left else {
            note(.section(name()))
            return false
        }
        left -= count
        return true
    }

    /// A section's bytes, which stay in memory: once.
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
