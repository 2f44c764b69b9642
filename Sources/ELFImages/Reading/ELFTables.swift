/// What an ELF header says of the tables of headers: looked at before libelf is, which takes memory for all of them when it opens a
/// file, and elf(5) lets a file name 2^32 sections.
struct ELFTables {
    var sections: UInt64 = 0
    var segments: UInt64 = 0

    /// A section's number has 16 bits in a symbol. The most that was seen is 55, of Swift's SourceKit.
    static let mostSections: UInt64 = 1 << 16
    /// Each symbol is looked up in all of them.
    static let mostSegments: UInt64 = 512

    /// `read` gives bytes of the file, fewer at its end. `nil` for what is no ELF file.
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
        // What has no room in the header is in the first section's.
        let first = read(table, isWide ? 64 : 40)
        if sections == 0 { sections = number(first, isWide ? 32 : 20, isWide ? 8 : 4) }
        if segments == 0xFFFF { segments = max(segments, number(first, isWide ? 44 : 28, 4)) }
    }
}
