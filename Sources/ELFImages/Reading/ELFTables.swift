/// The numbers of section and program headers that an ELF header states. They are checked before libelf sees the file:
/// it allocates memory for all headers on opening, and elf(5) lets a file claim 2^32 sections.
struct ELFTables {
    var sections: UInt64 = 0
    var segments: UInt64 = 0

    /// Symbols hold section numbers of 16 bits. The largest count observed is 55, in Swift's SourceKit.
    static let mostSections: UInt64 = 1 << 16
    /// A symbol's address is searched in all segments, so their number is limited.
    static let mostSegments: UInt64 = 512

    /// `read` returns bytes of the file, fewer at its end. `nil` if the file is not ELF.
    init?(read: (_ offset: UInt64, _ count: Int) -> [UInt8]) {
        let header = read(0, 64)
        guard header.count >= 52, header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { return nil }
        let isWide = header[4] == 2
        let isBig = header[5] == 2
        func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
            guard offset + size <= bytes.count else { return 0 }
            let field = bytes[offset..<offset + size]
            return isBig
                ? field.reduce(0) { $0 << 8 | UInt64($1) } : field.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        segments = number(header, isWide ? 56 : 44, 2)
        sections = number(header, isWide ? 60 : 48, 2)
        let table = number(header, isWide ? 40 : 32, isWide ? 8 : 4)
        guard table > 0 else {
            sections = 0
            return
        }
        // Counts that do not fit in the ELF header are in the first section header.
        let first = read(table, isWide ? 64 : 40)
        if sections == 0 { sections = number(first, isWide ? 32 : 20, isWide ? 8 : 4) }
        if segments == 0xFFFF { segments = max(segments, number(first, isWide ? 44 : 28, 4)) }
    }
}
