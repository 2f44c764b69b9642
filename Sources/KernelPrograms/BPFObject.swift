import ByteAccess

/// A compiled BPF object (ELF, little-endian): its programs, each with the functions that it calls, and what is left to
/// fill in. It is part of this program, so what does not fit is a mistake of ours, and makes it `nil`.
struct BPFObject {
    /// What an instruction refers to by name.
    enum Reference {
        /// The descriptor of a map.
        case map
        /// An address in the single value of a map.
        case value
        /// A function of the kernel, by its type's id.
        case function
    }

    struct Hole {
        /// Which instruction it is.
        var instruction: Int
        var name: String
        var reference: Reference
    }

    /// A part of a program that the verifier looks at by itself.
    struct Function {
        /// Where it begins.
        var instruction: Int
        /// It is verified once, whatever its arguments.
        var isGlobal: Bool
    }

    struct Program {
        /// Its section: `tp_btf/task_newtask`, `tracepoint/sys_enter_clone`.
        var section: String
        /// Eight bytes an instruction: `{ u8 code; u8 registers; s16 offset; s32 value; }`.
        var instructions: [UInt8]
        var holes: [Hole]
        /// In the order of their places; the first is the program itself.
        var functions: [Function]
    }

    private(set) var programs: [Program] = []

    /// `values`: the names whose single value is meant, not the map.
    init?(_ file: borrowing RawSpan, values: Set<String>) {
        guard let sections = Self.sections(file), let text = sections.firstIndex(where: { $0.name == ".text" }),
            let symbols = Self.symbols(file, sections)
        else { return nil }
        for (index, section) in sections.enumerated()
        where ["tp_btf/", "tracepoint/", "perf_event/"].contains(where: section.name.hasPrefix) {
            var linker = Linker(sections: sections, symbols: symbols, text: text, values: values)
            guard let program = linker.program(index, in: file) else { return nil }
            programs.append(program)
        }
    }

    // MARK: - ELF

    private struct Section {
        var name = ""
        var type: UInt32
        var place: Range<Int>
        var link: Int
        /// The section that these relocations are of.
        var information: Int
        var nameOffset: Int
        var relocations: [Int: Int] = [:]
    }

    private struct Symbol {
        var name: String
        var section: Int
        var value: Int
        var size: Int
        var isGlobal: Bool
    }

    private static func sections(_ file: borrowing RawSpan) -> [Section]? {
        guard let table = file.load(Int.self, at: 0x28), let count = file.load(UInt16.self, at: 0x3c),
            let names = file.load(UInt16.self, at: 0x3e)
        else { return nil }
        var sections: [Section] = []
        for index in 0..<Int(count) {
            let start = table &+ index * 64
            guard let name = file.load(UInt32.self, at: start), let type = file.load(UInt32.self, at: start &+ 4),
                let offset = file.load(Int.self, at: start &+ 24), let size = file.load(Int.self, at: start &+ 32),
                let link = file.load(UInt32.self, at: start &+ 40), let info = file.load(UInt32.self, at: start &+ 44)
            else { return nil }
            guard offset >= 0, size >= 0, offset <= file.byteCount, size <= file.byteCount - offset || type == 8 else {
                return nil
            }
            sections.append(
                Section(
                    // SHT_NOBITS has nothing in the file.
                    type: type, place: offset..<offset + (type == 8 ? 0 : size), link: Int(link),
                    information: Int(info),
                    nameOffset: Int(name)))
        }
        guard sections.indices.contains(Int(names)) else { return nil }
        let strings = sections[Int(names)].place
        for index in sections.indices { sections[index].name = text(file, strings, sections[index].nameOffset) }
        for section in sections where section.type == 9 && sections.indices.contains(section.information) {
            // struct elf64_rel: { u64 offset; u32 type; u32 symbol; }
            for start in stride(from: section.place.lowerBound, to: section.place.upperBound, by: 16) {
                guard let offset = file.load(Int.self, at: start), let symbol = file.load(UInt32.self, at: start + 12)
                else { return nil }
                sections[section.information].relocations[offset] = Int(symbol)
            }
        }
        return sections
    }

    private static func symbols(_ file: borrowing RawSpan, _ sections: [Section]) -> [Symbol]? {
        guard let table = sections.first(where: { $0.type == 2 }), sections.indices.contains(table.link) else {
            return nil
        }
        let strings = sections[table.link].place
        var symbols: [Symbol] = []
        for start in stride(from: table.place.lowerBound, to: table.place.upperBound, by: 24) {
            guard let name = file.load(UInt32.self, at: start), let information = file.load(UInt8.self, at: start + 4),
                let section = file.load(UInt16.self, at: start + 6), let value = file.load(Int.self, at: start + 8),
                let size = file.load(Int.self, at: start + 16)
            else { return nil }
            symbols.append(
                // STB_GLOBAL is 1.
                Symbol(
                    name: text(file, strings, Int(name)), section: Int(section), value: value, size: size,
                    isGlobal: information >> 4 == 1))
        }
        return symbols
    }

    private static func text(_ file: borrowing RawSpan, _ strings: Range<Int>, _ offset: Int) -> String {
        guard offset <= strings.count else { return "" }
        let held = strings.lowerBound + offset..<strings.upperBound
        return file.string(in: held.lowerBound..<held.lowerBound + file.stringLength(in: held))
    }

    // MARK: - Linking

    /// Puts a program's functions behind it, each once, and sets the calls to them.
    private struct Linker {
        let sections: [Section]
        let symbols: [Symbol]
        let text: Int
        let values: Set<String>
        var code: [UInt8] = []
        var holes: [Hole] = []
        var functions: [Function] = []
        /// Where each function of `.text` has been put, by its offset there; in instructions.
        var places: [Int: Int] = [:]
        var pending: [(section: Int, range: Range<Int>, place: Int)] = []

        init(sections: [Section], symbols: [Symbol], text: Int, values: Set<String>) {
            (self.sections, self.symbols, self.text, self.values) = (sections, symbols, text, values)
        }

        /// BPF_LD | BPF_IMM | BPF_DW, and BPF_JMP | BPF_CALL; BPF_PSEUDO_CALL (linux/bpf.h).
        private static let loadAddress: UInt8 = 0x18
        private static let call: UInt8 = 0x85
        private static let localCall: UInt8 = 1

        mutating func program(_ section: Int, in file: borrowing RawSpan) -> Program? {
            place(section, 0..<sections[section].place.count, isGlobal: false, in: file)
            while let part = pending.popLast() {
                for offset in stride(from: part.range.lowerBound, to: part.range.upperBound, by: 8) {
                    let instruction = part.place + (offset - part.range.lowerBound) / 8
                    guard link(instruction, at: offset, of: part.section, in: file) else { return nil }
                }
            }
            return Program(section: sections[section].name, instructions: code, holes: holes, functions: functions)
        }

        private mutating func place(
            _ section: Int, _ range: Range<Int>, isGlobal: Bool, in file: borrowing RawSpan
        ) {
            let start = sections[section].place.lowerBound
            functions.append(Function(instruction: code.count / 8, isGlobal: isGlobal))
            pending.append((section, range, code.count / 8))
            code.append(file, in: start + range.lowerBound..<start + range.upperBound)
        }

        private mutating func link(
            _ instruction: Int, at offset: Int, of section: Int, in file: borrowing RawSpan
        ) -> Bool {
            let start = instruction * 8
            guard let kind = code.load(UInt8.self, at: start), let registers = code.load(UInt8.self, at: start + 1),
                let value = code.load(Int32.self, at: start &+ 4)
            else { return false }
            if let number = sections[section].relocations[offset] {
                guard symbols.indices.contains(number) else { return false }
                let symbol = symbols[number]
                switch kind {
                case Self.loadAddress:
                    let reference: Reference = values.contains(symbol.name) ? .value : .map
                    if reference == .value { code.store(value, at: start + 12) }
                    holes.append(Hole(instruction: instruction, name: symbol.name, reference: reference))
                case Self.call where symbol.section == 0:
                    holes.append(Hole(instruction: instruction, name: symbol.name, reference: .function))
                case Self.call:
                    return call(symbol.value &+ (Int(value) + 1) * 8, from: instruction, in: file)
                default: return false
                }
                return true
            }
            guard kind == Self.call, registers >> 4 == Self.localCall else { return true }
            return call(offset + 8 + Int(value) * 8, from: instruction, in: file)
        }

        /// Sets a call to the function at an offset of `.text`.
        private mutating func call(_ target: Int, from instruction: Int, in file: borrowing RawSpan) -> Bool {
            if places[target] == nil {
                guard
                    let symbol = symbols.first(where: {
                        $0.section == text && $0.value == target && $0.size > 0 && !$0.name.isEmpty
                    })
                else { return false }
                guard target >= 0, target <= sections[text].place.count,
                    symbol.size <= sections[text].place.count - target
                else { return false }
                places[target] = code.count / 8
                place(text, target..<target + symbol.size, isGlobal: symbol.isGlobal, in: file)
            }
            guard let place = places[target] else { return false }
            code.store(Int32(truncatingIfNeeded: place - instruction - 1), at: instruction * 8 + 4)
            return true
        }
    }
}
