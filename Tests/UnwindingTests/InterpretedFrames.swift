@testable import Unwinding

/// The output of `readelf --debug-dump=frames-interp`.
enum InterpretedFrames {
    struct Row: CustomStringConvertible {
        var location: UInt64
        var frameAddress: Substring
        /// Names of registers, and what is said of each.
        var rules: [(register: Substring, rule: Substring)]

        var description: String {
            String(location, radix: 16) + " " + frameAddress + " " + rules.map { "\($0)=\($1)" }.joined(separator: " ")
        }
    }

    static func parse(_ text: String) -> [Row] {
        var rows: [Row] = []
        var columns: [Substring] = []
        var isFunction = false
        for line in text.split(separator: "\n") {
            if line.contains(" FDE ") || line.contains(" CIE ") {
                isFunction = line.contains(" FDE ")
                columns = []
                continue
            }
            let words = line.split(separator: " ")
            if words.first == "LOC" {
                columns = Array(words.dropFirst(2))
            } else if isFunction, words.count == columns.count + 2, words[1] != "ZERO",
                let location = UInt64(words[0], radix: 16)
            {
                let row = Row(
                    location: location, frameAddress: words[1], rules: Array(zip(columns, words.dropFirst(2))))
                // A later row of the same place replaces the earlier one.
                if rows.last?.location == location { rows[rows.count - 1] = row } else { rows.append(row) }
            }
        }
        return rows
    }
}

extension InterpretedFrames.Row {
    private static let x86 = [
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    ]

    /// The DWARF number of a register's name; `nil` of one that we leave out.
    private func number(_ name: Substring, _ row: UnwindRow, _ architecture: Architecture) -> Int? {
        if name == "ra" { return row.returnColumn }
        if architecture == .arm64 {
            if name == "sp" { return 31 }
            return name.first == "x" ? Int(name.dropFirst()) : nil
        }
        return Self.x86.firstIndex(of: String(name))
    }

    func matches(_ row: UnwindRow, _ architecture: Architecture) -> Bool {
        switch row.frameAddress {
        case .unspecified: return false
        case .expression: if frameAddress != "exp" { return false }
        case .register(let register, let offset):
            guard let sign = frameAddress.firstIndex(where: { "+-".contains($0) }),
                number(frameAddress[..<sign], row, architecture) == register, Int64(frameAddress[sign...]) == offset
            else { return false }
        }
        for (name, text) in rules {
            guard let number = number(name, row, architecture) else { continue }
            let isSame =
                switch row.rule(number) {
                case .unspecified, .undefined: text == "u"
                case .sameValue: text == "s"
                case .offset(let offset): text.hasPrefix("c") && Int64(text.dropFirst()) == offset
                case .valueOffset(let offset): text.hasPrefix("v") && Int64(text.dropFirst()) == offset
                case .register(let other): self.number(text, row, architecture) == other
                case .expression: text == "exp"
                case .valueExpression: text == "vexp"
                }
            if !isSame { return false }
        }
        return true
    }
}
