import KernelPrograms
import LinuxSystem
import PerfData

/// The address ranges of the kernel's and its modules' text, for readers that resolve kernel addresses.
struct KernelMaps {
    struct Map: Hashable {
        var name: String
        var start: UInt64
        var length: UInt64
        var pageOffset: UInt64
    }

    /// Empty if kptr_restrict hides the addresses.
    ///
    /// Reads only the beginning of /proc/kallsyms, which holds `_text`, on older kernels after the per-CPU symbols: the
    /// whole file takes the kernel 40 ms.
    static func read() -> [Map] { Privileges.raised(.syslog, readAll) }

    private static func readAll() -> [Map] {
        let memory = (try? SystemFile.bytes("/proc/iomem")) ?? []
        for limit in [1 << 13, 1 << 18] {
            guard let symbols = try? SystemFile.bytes("/proc/kallsyms", limit: limit) else { return [] }
            guard let kernel = kernel(symbols: symbols, memory: memory) else { continue }
            return [kernel] + modules((try? SystemFile.bytes("/proc/modules")) ?? [])
        }
        return []
    }

    /// `[kernel.kallsyms]_text`: its address from the lines "address type name" of kallsyms, its length from the line
    /// "first-last : Kernel code" of iomem; if that is hidden, up to the end of the gigabyte that holds it.
    static func kernel(symbols: [UInt8], memory: [UInt8]) -> Map? {
        for wanted in [" _text", " _stext"] {
            for line in symbols.split(separator: UInt8(ascii: "\n")) {
                guard line.suffix(wanted.utf8.count).elementsEqual(wanted.utf8) else { continue }
                let digits = String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
                guard let start = UInt64(digits, radix: 16), start != 0 else { return nil }
                let name = "[kernel.kallsyms]" + wanted.dropFirst()
                let length = codeLength(memory) ?? (1 << 30) - (start & (1 << 30 - 1))
                return Map(name: name, start: start, length: length, pageOffset: start)
            }
        }
        return nil
    }

    private static func codeLength(_ memory: [UInt8]) -> UInt64? {
        for line in memory.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: line, as: UTF8.self)
            guard line.hasSuffix(" : Kernel code"), let range = line.split(separator: " ").first else { continue }
            let bounds = range.split(separator: "-").map { UInt64($0, radix: 16) }
            guard bounds.count == 2, let first = bounds[0], let last = bounds[1], first < last else { return nil }
            return last - first + 1
        }
        return nil
    }

    /// Lines are "name size references dependents state 0xaddress".
    static func modules(_ list: [UInt8]) -> [Map] {
        list.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard fields.count >= 6, let size = UInt64(fields[1]), fields[5].hasPrefix("0x"),
                let start = UInt64(fields[5].dropFirst(2), radix: 16), start != 0
            else { return nil }
            return Map(name: "[\(fields[0])]", start: start, length: size, pageOffset: 0)
        }
    }
}
