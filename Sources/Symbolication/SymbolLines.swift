internal import ELFImages

/// The two text formats that list symbols by address, read in one pass over their bytes.
enum SymbolLines {
    /// `/proc/kallsyms`: `ffffffff81000000 T name\t[module]`, the lines of text and data symbols.
    ///
    /// The addresses are all zero where kptr_restrict hides them; then there are no symbols. `anchor` is the address of
    /// the first code symbol with the name asked for.
    static func kallsyms(_ bytes: [UInt8], anchor name: String? = nil) -> (symbols: SymbolList, anchor: UInt64?) {
        var list = SymbolList()
        var anchor: UInt64?
        let wanted = name.map { Array($0.utf8) }
        var isHidden = true
        forEachLine(bytes) { line in
            var rest = line
            guard let address = hexadecimal(&rest), rest.popFirst() == UInt8(ascii: " "), let type = rest.popFirst(),
                rest.popFirst() == UInt8(ascii: " "), !rest.isEmpty
            else { return }
            if address != 0 { isHidden = false }
            let kind = type & ~0x20
            guard "TWDB".utf8.contains(kind), rest.first != UInt8(ascii: "$"),
                let range = list.append(name: rest)
            else { return }
            let isCode = kind == UInt8(ascii: "T") || kind == UInt8(ascii: "W")
            if isCode, anchor == nil, let wanted, rest.elementsEqual(wanted) { anchor = address }
            let isUpper = type == kind
            list.append(
                ELFSymbol(
                    start: address, size: 0, name: range,
                    binding: type == UInt8(ascii: "W") ? 2 : isUpper ? 1 : 0, type: isCode ? 2 : 1, origin: .text))
        }
        return isHidden ? (SymbolList(), nil) : (list, anchor)
    }

    /// A JIT compiler's `/tmp/perf-PID.map`: `START SIZE name`, numbers in hex. perf passes over names of one or two bytes.
    static func jitMap(_ bytes: [UInt8]) -> SymbolList {
        var list = SymbolList()
        forEachLine(bytes) { line in
            var rest = line
            guard let start = hexadecimal(&rest), !rest.isEmpty else { return }
            rest.removeFirst()
            guard let size = hexadecimal(&rest), rest.count > 3 else { return }
            rest.removeFirst()
            guard let range = list.append(name: rest) else { return }
            list.append(ELFSymbol(start: start, size: size, name: range, binding: 1, type: 2, origin: .text))
        }
        return list
    }

    private static func forEachLine(_ bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            body(bytes[start..<end])
            start = end + 1
        }
    }

    /// Takes the hex digits at the start; `nil` where there is none. More than 64 bits wrap.
    private static func hexadecimal(_ text: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var digits = 0
        if text.starts(with: "0x".utf8) { text = text.dropFirst(2) }
        while let byte = text.first {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return digits > 0 ? value : nil
            }
            value = value << 4 | UInt64(digit)
            digits += 1
            text.removeFirst()
        }
        return digits > 0 ? value : nil
    }
}
