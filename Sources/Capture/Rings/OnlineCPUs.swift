import Glibc
import LinuxSystem
import PerfData

/// CPU numbers as the kernel lists them.
enum OnlineCPUs {
    /// From /sys/devices/system/cpu/online, or if sysfs is not mounted, CPU 0 up to the number that sysconf(3) gives.
    static func read() -> [Int32] {
        if let content = try? SystemFile.bytes("/sys/devices/system/cpu/online"), let cpus = parse(content),
            !cpus.isEmpty
        {
            return cpus
        }
        return Array(0..<Int32(clamping: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    /// "0-3,8,10-11"; `nil` when it is anything else.
    static func parse(_ list: [UInt8]) -> [Int32]? {
        let text = String(decoding: list.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        var cpus: [Int32] = []
        for part in text.split(separator: ",") {
            let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
            guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2 else { return nil }
            guard 0 <= first, first <= last, last < 65536 else { return nil }
            cpus += first...last
        }
        return cpus
    }
}
