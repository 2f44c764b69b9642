/// Splits a command line given as one text, as a shell would: enough of its grammar to find flags and their values.
enum ShellWords {
    /// The words of each command, as slices of the text. Quotes around a whole word are left out.
    static func commands(in text: ArraySlice<UInt8>) -> [[ArraySlice<UInt8>]] {
        var commands: [[ArraySlice<UInt8>]] = [[]]
        var start: Int?
        var quote: UInt8?
        var index = text.startIndex
        func end(_ place: Int) {
            guard let begin = start else { return }
            commands[commands.count - 1].append(unquoted(text[begin..<place]))
            start = nil
        }
        while index < text.endIndex {
            let byte = text[index]
            if let open = quote {
                if byte == open { quote = nil }
                // In single quotes a backslash is literal.
                if byte == UInt8(ascii: "\\"), open == 0x22 { index += 1 }
            } else {
                switch byte {
                case 0x20, 0x09, UInt8(ascii: "<"), UInt8(ascii: ">"): end(index)
                case 0x0a, 0x0d, UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "("),
                    UInt8(ascii: ")"), 0x60:
                    end(index)
                    if commands.last?.isEmpty == false { commands.append([]) }
                default:
                    if start == nil { start = index }
                    if byte == 0x22 || byte == 0x27 { quote = byte }
                    if byte == UInt8(ascii: "\\") { index += 1 }
                }
            }
            index += 1
        }
        end(text.endIndex)
        return commands
    }

    private static func unquoted(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard word.count >= 2, let first = word.first, first == 0x22 || first == 0x27,
            word.dropFirst().firstIndex(of: first) == word.endIndex - 1
        else { return word }
        return word.dropFirst().dropLast()
    }
}
