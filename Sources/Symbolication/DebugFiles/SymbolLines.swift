internal import ELFImages

/// The two text formats that list symbols by address, read in one pass over their bytes.
enum SymbolLines {
    /// Reads `/proc/kallsyms`, `ffffffff81000000 T name\t[module]` a line: its text and data symbols.
    ///
    /// If kptr_restrict hides the addresses, they are all zero, and there are no symbols. `anchor` is the address of
    /// the first code symbol with the name asked for.
    static func kallsyms(_ bytes: [UInt8], anchor name: String? = nil) -> (symbols: SymbolList, anchor: UInt64?) {
        var list = SymbolList(names: bytes)
        var anchor: UInt64?
        let wanted = name.map { Array($0.utf8) }
        var isHidden = true
        forEachLine(bytes) { text, line in
            // There are some 150,000 lines at the end of every recording: they are scanned by index, and names are not
            // copied.
            var index = line.lowerBound
            guard let address = hexadecimal(text, line, &index), index + 3 < line.upperBound,
                text[index] == UInt8(ascii: " "), text[index + 2] == UInt8(ascii: " ")
            else { return }
            let type = text[index + 1]
            let kind = type & ~0x20
            let first = index + 3
            if address != 0 { isHidden = false }
            guard isListed(kind), text[first] != UInt8(ascii: "$"),
                let range = NameRange(first..<min(line.upperBound, first + longestName))
            else { return }
            let isCode = kind == UInt8(ascii: "T") || kind == UInt8(ascii: "W")
            if isCode, anchor == nil, let wanted, line.upperBound - first == wanted.count,
                bytes[first..<line.upperBound].elementsEqual(wanted)
            {
                anchor = address
            }
            let isUpper = type == kind
            let isModules = text[line.upperBound - 1] == UInt8(ascii: "]")
            if isModules, isPassing(text, line) { return }
            list.append(
                ELFSymbol(
                    start: address, size: 0, name: range,
                    binding: type == UInt8(ascii: "W") ? 2 : isUpper ? 1 : 0, type: isCode ? 2 : 1,
                    origin: isModules ? .moduleText : .text))
        }
        return isHidden ? (SymbolList(), nil) : (list, anchor)
    }

    /// Whether a line is of code that the kernel makes and takes back: of BPF programs, and trampolines of ftrace and kprobes. Another
    /// may lie there by the time that a recording is read; what was there is in its KSYMBOL records.
    private static func isPassing(_ text: borrowing Span<UInt8>, _ line: Range<Int>) -> Bool {
        var start = line.upperBound - 1
        while start > line.lowerBound, text[start] != UInt8(ascii: "[") { start -= 1 }
        return isEqual(text, start..<line.upperBound, "[bpf]")
            || isEqual(text, start..<min(line.upperBound, start + 12), "[__builtin__")
    }

    private static func isEqual(_ text: borrowing Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where unsafe text[range.lowerBound + offset] != word.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Whether perf reads symbols of a kind: text, weak, data and BSS.
    private static func isListed(_ kind: UInt8) -> Bool {
        kind == UInt8(ascii: "T") || kind == UInt8(ascii: "W") || kind == UInt8(ascii: "D") || kind == UInt8(ascii: "B")
    }

    /// Reads a JIT compiler's `/tmp/perf-PID.map`: `START SIZE name` with numbers in hex. Names of one or two bytes are
    /// skipped, as in perf.
    static func jitMap(_ bytes: [UInt8]) -> (symbols: SymbolList, isCut: Bool, hasLongNames: Bool) {
        var list = SymbolList(names: bytes)
        var (isCut, hasLongNames) = (false, false)
        forEachLine(bytes) { text, line in
            guard list.symbols.count < mostFunctions else {
                isCut = true
                return
            }
            var index = line.lowerBound
            guard let start = hexadecimal(text, line, &index), index < line.upperBound else { return }
            index += 1
            guard let size = hexadecimal(text, line, &index), line.upperBound - index > 3,
                let range = NameRange((index + 1)..<min(line.upperBound, index + 1 + longestName))
            else { return }
            if line.upperBound > index + 1 + longestName { hasLongNames = true }
            list.append(ELFSymbol(start: start, size: size, name: range, binding: 1, type: 2, origin: .text))
        }
        return (list, isCut, hasLongNames)
    }

    /// The most functions read from a JIT compiler's map: a line of 8 bytes takes about a hundred bytes in memory.
    static let mostFunctions = 1 << 20
    /// In bytes.
    private static let longestName = 4096

    private static func forEachLine(_ bytes: [UInt8], _ body: (borrowing Span<UInt8>, Range<Int>) -> Void) {
        let text = bytes.span
        var start = 0
        for end in text.indices where text[end] == UInt8(ascii: "\n") {
            body(text, start..<end)
            start = end + 1
        }
        if start < text.count { body(text, start..<text.count) }
    }

    /// Reads the hex digits of a line from `index` on; `nil` if there are none. More than 64 bits wrap.
    private static func hexadecimal(
        _ text: borrowing Span<UInt8>, _ line: Range<Int>, _ index: inout Int
    ) -> UInt64? {
        let end = line.upperBound
        if end - index > 1, text[index] == UInt8(ascii: "0"), text[index + 1] == UInt8(ascii: "x") { index += 2 }
        let first = index
        var value: UInt64 = 0
        while index < end {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x61...0x66: digit = byte - 0x61 + 10
            case 0x41...0x46: digit = byte - 0x41 + 10
            default: return index > first ? value : nil
            }
            value = value << 4 | UInt64(digit)
            index += 1
        }
        return index > first ? value : nil
    }
}
