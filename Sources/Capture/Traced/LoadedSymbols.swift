import ByteAccess

/// The dynamic symbols of a 64-bit ELF file as a process has it in memory (gABI, "Dynamic Section"; DT_GNU_HASH as glibc's
/// dl-lookup.c reads it). The memory is the process's own to change: each read and each loop has a bound.
struct LoadedSymbols {
    private let process: Int32
    /// Added to the addresses in the file.
    private let bias: UInt64
    private let symbols: UInt64
    private let strings: UInt64
    private let hashes: UInt64

    private enum Tag {
        static let strings: UInt64 = 5
        static let symbols: UInt64 = 6
        static let hashes: UInt64 = 0x6fff_fef5
    }
    private static let mostHeaders = 64
    private static let mostTags = 256
    /// In one bucket.
    private static let mostSymbols = 64
    private static let programHeaderSize = 56
    private static let symbolSize = 24

    /// `base`: where the file's first byte is. `nil` if there is no such file.
    init?(of process: Int32, base: UInt64) {
        let header = Tracee.memory(of: process, at: base, size: 64)
        guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]), let place = header.load(UInt64.self, at: 32),
            let size = header.load(UInt16.self, at: 54), Int(size) == Self.programHeaderSize,
            let count = header.load(UInt16.self, at: 56), 1...Self.mostHeaders ~= Int(count)
        else { return nil }
        let table = Tracee.memory(of: process, at: base &+ place, size: Int(count) * Self.programHeaderSize)
        var first: UInt64?
        var dynamic: UInt64?
        for offset in stride(from: 0, to: table.count, by: Self.programHeaderSize) {
            let address = table.load(UInt64.self, at: offset + 16)
            // PT_LOAD and PT_DYNAMIC
            switch table.load(UInt32.self, at: offset) {
            case 1: first = first ?? address.map { $0 & ~4095 }
            case 2: dynamic = address
            default: break
            }
        }
        guard let first, let dynamic else { return nil }
        let bias = base &- first
        let tags = Tracee.memory(of: process, at: bias &+ dynamic, size: Self.mostTags * 16)
        var found: [UInt64: UInt64] = [:]
        for offset in stride(from: 0, to: tags.count, by: 16) {
            guard let tag = tags.load(UInt64.self, at: offset), tag != 0,
                let value = tags.load(UInt64.self, at: offset + 8)
            else { break }
            if tag == Tag.strings || tag == Tag.symbols || tag == Tag.hashes {
                // Some dynamic linkers write addresses of the process there.
                found[tag] = value < base ? value &+ bias : value
            }
        }
        guard let symbols = found[Tag.symbols], let strings = found[Tag.strings], let hashes = found[Tag.hashes]
        else { return nil }
        self.process = process
        self.bias = bias
        self.symbols = symbols
        self.strings = strings
        self.hashes = hashes
    }

    /// The address of a function that the file defines.
    func address(of name: String) -> UInt64? {
        let hash = name.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
        let header = Tracee.memory(of: process, at: hashes, size: 16)
        guard let buckets = header.load(UInt32.self, at: 0), buckets > 0,
            let firstSymbol = header.load(UInt32.self, at: 4), let filter = header.load(UInt32.self, at: 8)
        else { return nil }
        let table = hashes &+ 16 &+ 8 &* UInt64(filter)
        guard let start = half(at: table &+ 4 &* UInt64(hash % buckets)), start >= firstSymbol else { return nil }
        let chain = table &+ 4 &* UInt64(buckets)
        for step in 0..<UInt32(Self.mostSymbols) {
            let index = start &+ step
            guard let seen = half(at: chain &+ 4 &* UInt64(index &- firstSymbol)) else { return nil }
            if seen | 1 == hash | 1, let address = address(ofSymbol: index, name) { return address }
            // The lowest bit ends a chain.
            if seen & 1 != 0 { return nil }
        }
        return nil
    }

    private func address(ofSymbol index: UInt32, _ name: String) -> UInt64? {
        let place = symbols &+ UInt64(index) &* UInt64(Self.symbolSize)
        let symbol = Tracee.memory(of: process, at: place, size: Self.symbolSize)
        // STT_FUNC
        guard let nameOffset = symbol.load(UInt32.self, at: 0), let info = symbol.load(UInt8.self, at: 4),
            info & 15 == 2, let section = symbol.load(UInt16.self, at: 6), section != 0,
            let value = symbol.load(UInt64.self, at: 8)
        else { return nil }
        let text = Tracee.string(of: process, at: strings &+ UInt64(nameOffset), limit: 64)
        return text?.elementsEqual(name.utf8) == true ? bias &+ value : nil
    }

    private func half(at address: UInt64) -> UInt32? {
        Tracee.memory(of: process, at: address, size: 4).load(UInt32.self, at: 0)
    }
}
