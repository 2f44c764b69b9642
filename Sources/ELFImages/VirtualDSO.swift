internal import CLibELF
internal import Glibc

/// The ELF image that the kernel maps into every process: `linux-vdso.so`, vdso(7).
public enum VirtualDSO {
    /// AT_SYSINFO_EHDR and AT_PAGESZ of getauxval(3).
    private static let imageStart: UInt = 33
    private static let pageSize: UInt = 6

    /// A copy of this process's own image, which all processes of the same machine and word size share; `nil` if the
    /// kernel maps none.
    public static func bytesOfThisMachine() -> [UInt8]? {
        // getauxval(3) gives only the start. The section headers come last in the image, which occupies whole pages.
        guard let start = unsafe UnsafeRawPointer(bitPattern: getauxval(Self.imageStart)) else { return nil }
        let header = unsafe start.loadUnaligned(as: Elf64_Ehdr.self)
        guard header.e_ident.4 == UInt8(ELFCLASS64) else { return nil }
        let (size, overflow) = UInt64(header.e_shentsize).multipliedReportingOverflow(by: UInt64(header.e_shnum))
        guard !overflow, header.e_shoff < 1 << 20, let end = Int(exactly: header.e_shoff + size) else { return nil }
        let page = Int(getauxval(Self.pageSize))
        guard page > 0, end > 0 else { return nil }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: (end + page - 1) / page * page))
    }
}
