internal import CLibELF

extension SymbolReader {
    /// Reads the symbols in `.gnu_debugdata`: an xz-compressed ELF file with the functions that `.dynsym` lacks
    /// ("MiniDebugInfo" in GDB's manual).
    mutating func readMiniDebugInformation(from file: borrowing ELFFile) {
        guard let index = file.layout.sectionIndex(named: ".gnu_debugdata"),
            let packed = try? file.sectionBytes(at: index)
        else { return }
        let unpacked = XZ.decompressed(packed)
        if unpacked.isTooLarge { file.handle.budget.note(.miniDebugInformation) }
        guard let bytes = unpacked.bytes, let mini = try? ELFFile(bytes: bytes) else { return }
        read(mini, section: ".symtab", type: UInt32(SHT_SYMTAB), origin: .miniDebugInformation)
    }
}
