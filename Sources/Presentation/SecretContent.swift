/// Finds secrets inside one word: `name=value`, `"name": "value"`, `Name: value`, `scheme://user:password@host`,
/// `Bearer …`, private keys, and tokens of known form. One pass over the bytes, whatever they are.
struct SecretContent {
    private let bytes: ArraySlice<UInt8>
    private var found: [Range<Int>] = []
    /// The start of the run of letters, digits, dots, dashes and underscores before the current byte.
    private var nameStart: Int
    /// The end of the last stretch without blanks and quotes that was searched for `@`, and the last `@` in it.
    private var stretch: (end: Int, at: Int?)
    /// The range of the last value without quotes.
    private var valueStretch = 0..<0
    /// Whether the bytes are a text of several words, so that a value may end before the text does.
    private let isText: Bool

    /// The ranges to hide, ascending and disjoint.
    static func ranges(in bytes: ArraySlice<UInt8>, isText: Bool = false) -> [Range<Int>] {
        var scan = SecretContent(bytes, isText)
        scan.run()
        return scan.found
    }

    private init(_ bytes: ArraySlice<UInt8>, _ isText: Bool) {
        self.bytes = bytes
        self.isText = isText
        nameStart = bytes.startIndex
        stretch = (bytes.startIndex, nil)
    }

    private mutating func run() {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if let range = range(at: index), !range.isEmpty {
                found.append(range)
                // Hidden bytes are not searched again.
                index = range.upperBound
                nameStart = index
                continue
            }
            if !Self.isName(bytes[index]) { nameStart = index + 1 }
            index += 1
        }
    }

    private mutating func range(at index: Int) -> Range<Int>? {
        switch bytes[index] {
        case UInt8(ascii: "="): return value(behind: index)
        case UInt8(ascii: ":"):
            let isURL = bytes[(index + 1)...].starts(with: "//".utf8)
            return isURL ? password(behind: index + 3) : headerOrMember(behind: index)
        default:
            guard index == bytes.startIndex || !TokenShape.isWord(bytes[index - 1]) else { return nil }
            return TokenShape.end(bytes, index).map { index..<$0 } ?? bearer(at: index) ?? privateKey(at: index)
        }
    }

    // MARK: - Names and values

    private mutating func value(behind separator: Int) -> Range<Int>? {
        guard nameStart < separator, SecretName.isPossible(bytes[nameStart..<separator]) else { return nil }
        let name = SecretName(bytes[nameStart..<separator])
        guard name.isOfSecret else { return nil }
        let start = separator + 1
        // A separate word has one value, whatever is in it: `NAME=…`, `--env=NAME=…`.
        let isWhole = !isText && (nameStart == bytes.startIndex || bytes[nameStart - 1] == UInt8(ascii: "="))
        return checked(name, range(from: start, isWhole: isWhole))
    }

    /// A header, `Authorization: …`, at the start of the text or a line, or a JSON member, `"password": "…"`, anywhere.
    private mutating func headerOrMember(behind separator: Int) -> Range<Int>? {
        var start = separator + 1
        while start < bytes.endIndex, bytes[start] == UInt8(ascii: " ") { start += 1 }
        if separator > bytes.startIndex, Self.isQuote(bytes[separator - 1]) {
            // In a text nested in another, backslashes precede the quotes.
            let end = bytes[..<(separator - 1)].lastIndex { $0 != UInt8(ascii: "\\") }.map { $0 + 1 } ?? separator - 1
            let begin = bytes[..<end].suffix(SecretName.mostBytes).lastIndex { !Self.isName($0) }.map { $0 + 1 } ?? end
            guard begin > bytes.startIndex, Self.isQuote(bytes[begin - 1]) else { return nil }
            let name = SecretName(bytes[begin..<end])
            return name.isOfSecret ? checked(name, range(from: start, isWhole: false)) : nil
        }
        var name = bytes[nameStart..<separator]
        let isFirst = nameStart == bytes.startIndex || [0x0a, 0x22, 0x27].contains(bytes[nameStart - 1])
        guard !name.isEmpty, isFirst || (start > separator + 1 && bytes[nameStart - 1] == UInt8(ascii: "=")) else {
            return nil
        }
        // `curl -HAuthorization:…`
        if name.starts(with: "-H".utf8) { name = name.dropFirst(2) }
        // A bare `key:` names a field to sort by.
        guard SecretName.isPossible(name), !name.elementsEqual("key".utf8), SecretName(name).isOfSecret else {
            return nil
        }
        let end = bytes[start...].firstIndex { [0x0a, 0x0d, 0x22].contains($0) } ?? bytes.endIndex
        return checked(SecretName(name), start..<end)
    }

    private func checked(_ name: SecretName, _ range: Range<Int>) -> Range<Int>? {
        name.takesForSecret(bytes[range]) ? range : nil
    }

    /// The range of a value: up to the closing quote. Without quotes it is the rest if `isWhole`, otherwise up to what
    /// separates values in URLs, lists and texts.
    private mutating func range(from start: Int, isWhole: Bool) -> Range<Int> {
        guard start < bytes.endIndex else { return start..<start }
        if let quote = bytes[start...].firstIndex(where: { $0 != UInt8(ascii: "\\") }), Self.isQuote(bytes[quote]) {
            let end = bytes[(quote + 1)...].firstIndex(of: bytes[quote]) ?? bytes.endIndex
            let slashes = quote - start
            return quote + 1..<max(quote + 1, end - slashes)
        }
        guard !isWhole else { return start..<bytes.endIndex }
        // A value that begins inside the last one has the same end.
        if valueStretch.contains(start) { return start..<valueStretch.upperBound }
        var end = start
        while end < bytes.endIndex, !endsValue(end) { end += 1 }
        valueStretch = start..<end
        return start..<end
    }

    private func endsValue(_ index: Int) -> Bool {
        switch bytes[index] {
        case 0...0x20, UInt8(ascii: "&"), UInt8(ascii: ";"), UInt8(ascii: "}"), 0x22, 0x27: true
        case UInt8(ascii: ","): isNameNext(index + 1)
        default: false
        }
    }

    /// A comma ends a value only if another name follows: `user=a,password=b,vers=3`. Any other may be part of the
    /// secret.
    private func isNameNext(_ start: Int) -> Bool {
        let rest = bytes[start...].prefix(64)
        guard let end = rest.firstIndex(where: { !Self.isName($0) }) else { return false }
        return end > start && bytes[end] == UInt8(ascii: "=")
    }

    // MARK: - URLs

    /// The password of the URL authority at `start`. In http URLs also the user name, if it has no password and is long
    /// enough for a token.
    private mutating func password(behind start: Int) -> Range<Int>? {
        let end = bytes[start...].firstIndex { Self.isBlankOrQuote($0) || Self.endsAuthority($0) } ?? bytes.endIndex
        let authority = bytes[start..<end]
        let at = authority.lastIndex(of: UInt8(ascii: "@"))
        guard let colon = authority[..<(at ?? end)].firstIndex(of: UInt8(ascii: ":")) else {
            let scheme = bytes[..<(start - 3)]
            let isWeb = scheme.suffix(4).elementsEqual("http".utf8) || scheme.suffix(5).elementsEqual("https".utf8)
            return at.flatMap { isWeb && $0 - start >= 20 ? start..<$0 : nil }
        }
        if let at { return colon + 1..<at }
        // The password may contain a slash that was not encoded. Only digits up to the slash are a port.
        guard bytes[start] != UInt8(ascii: "["), !bytes[(colon + 1)..<end].allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return lastAt(from: end).map { colon + 1..<$0 }
    }

    /// The last `@` from `start` on in the stretch that `start` is in. Each stretch is searched once.
    private mutating func lastAt(from start: Int) -> Int? {
        if start >= stretch.end {
            let end = bytes[start...].firstIndex(where: Self.isBlankOrQuote) ?? bytes.endIndex
            stretch = (end, bytes[start..<end].lastIndex(of: UInt8(ascii: "@")))
        }
        return stretch.at.flatMap { $0 >= start ? $0 : nil }
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    // MARK: - By their looks

    /// A bearer token (RFC 6750).
    private func bearer(at index: Int) -> Range<Int>? {
        guard bytes[index] | 0x20 == UInt8(ascii: "b"), bytes.endIndex - index > 7,
            zip(bytes[index..<index + 7], "bearer ".utf8).allSatisfy({ $0 | 0x20 == $1 })
        else { return nil }
        let end = bytes[(index + 7)...].firstIndex(where: Self.isBlankOrQuote) ?? bytes.endIndex
        return index + 7..<end
    }

    /// The body of a private key: the text between its BEGIN and END lines (RFC 7468).
    private func privateKey(at index: Int) -> Range<Int>? {
        guard bytes[index] == UInt8(ascii: "-"), bytes[index...].starts(with: "-----BEGIN ".utf8) else { return nil }
        let start = index + 11
        guard let label = bytes[start...].prefix(64).firstIndex(of: UInt8(ascii: "-")),
            bytes[start..<label].suffix(11).elementsEqual("PRIVATE KEY".utf8)
        else { return nil }
        let body = min(label + 5, bytes.endIndex)
        let end = bytes[body...].indices.first {
            bytes[$0] == UInt8(ascii: "-") && bytes[$0...].starts(with: "-----".utf8)
        }
        return body..<(end ?? bytes.endIndex)
    }

    // MARK: - Bytes

    private static func isName(_ byte: UInt8) -> Bool { TokenShape.isWord(byte) || byte == UInt8(ascii: ".") }
    private static func isQuote(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 }
    private static func isBlankOrQuote(_ byte: UInt8) -> Bool { byte <= 0x20 || isQuote(byte) || byte == 0x60 }
}
