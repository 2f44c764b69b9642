internal import Glibc

/// The ELF image that the kernel maps into every process: `linux-vdso.so`, vdso(7).
public enum VirtualDSO {
    /// A copy of this process's own image, which every process of the same machine and word size shares; `nil` where the
    /// kernel maps none.
    public static func bytesOfThisMachine() -> [UInt8]? {
        guard let range = mappedRange(), let start = unsafe UnsafeRawPointer(bitPattern: range.lowerBound) else {
            return nil
        }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: range.count))
    }

    /// Where /proc/self/maps says that it is. The auxiliary vector has the start alone, and the length must be known.
    private static func mappedRange() -> Range<UInt>? {
        guard let file = unsafe fopen("/proc/self/maps", "re") else { return nil }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while unsafe fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.hasSuffix(" [vdso]\n") else { continue }
            let bounds = text.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
            return bounds[0]..<bounds[1]
        }
        return nil
    }
}
