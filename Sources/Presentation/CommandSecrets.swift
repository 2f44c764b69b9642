/// Finds secrets in the words of one command. The words are slices of one byte array, or separate arrays.
struct CommandSecrets {
    /// What the next word holds.
    private enum Next {
        case secret(SecretName)
        case option(SecretFlags.Value)
        /// The argument of a shell's `-c`.
        case commandLine
    }

    private var next: Next?
    private var options: [SecretFlags.Option] = []
    private var isShell = false
    private var isSetting = false
    /// The nesting depth of command texts within words.
    private let depth: Int
    private static let mostDepth = 4

    init(depth: Int = 0) { self.depth = depth }

    /// The ranges to hide in each word, ascending and disjoint.
    static func ranges(in words: [[UInt8]]) -> [[Range<Int>]] {
        var command = CommandSecrets()
        return words.map { SecretRanges.merged(command.take($0[...])) }
    }

    /// The ranges of secrets in a text of shell commands.
    static func ranges(in text: ArraySlice<UInt8>, depth: Int = 0) -> [Range<Int>] {
        guard depth < mostDepth else { return SecretContent.ranges(in: text, isText: true) }
        var found: [Range<Int>] = []
        for words in ShellWords.commands(in: text) {
            var command = CommandSecrets(depth: depth + 1)
            for word in words { found += command.take(word) }
        }
        return SecretRanges.merged(found + SecretContent.ranges(in: text, isText: true))
    }

    private mutating func take(_ word: ArraySlice<UInt8>) -> [Range<Int>] {
        let expected = next
        next = nil
        switch expected {
        case .secret(let name) where !Self.looksLikeFlag(word):
            return name.takesForSecret(word) ? [word.startIndex..<word.endIndex] : []
        case .option(let value) where !Self.looksLikeFlag(word): return Self.secret(of: value, word) + content(word)
        case .commandLine: return Self.ranges(in: word, depth: depth)
        default: break
        }
        noteProgram(word)
        return flag(word) + content(word)
    }

    /// Notes words that change the meaning of later ones. A program may follow others: `sudo`, `env`, `docker exec`.
    private mutating func noteProgram(_ word: ArraySlice<UInt8>) {
        guard word.first != UInt8(ascii: "-") else { return }
        if isSetting, SecretName.isPossible(word), SecretName(word).isOfSecret { next = .secret(SecretName(word)) }
        isSetting = false
        let start = word.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? word.startIndex
        // No known name is longer.
        guard word.endIndex - start <= 15 else { return }
        switch SecretFlags.role(of: String(decoding: word[start...], as: UTF8.self)) {
        case .program(let known): options = known
        case .login: if !options.contains(where: { $0.letter == UInt8(ascii: "p") }) { options += SecretFlags.login }
        case .shell: isShell = true
        case .set: isSetting = true
        case nil: break
        }
    }

    private mutating func flag(_ word: ArraySlice<UInt8>) -> [Range<Int>] {
        guard word.count > 1, word.first == UInt8(ascii: "-") else { return [] }
        let isLong = word.starts(with: "--".utf8)
        let name = word.drop { $0 == UInt8(ascii: "-") }
        if !isLong, isShell, name.count <= 4, name.contains(UInt8(ascii: "c")), name.allSatisfy(Self.isLetter) {
            next = .commandLine
            isShell = false
            return []
        }
        if !isLong, let first = name.first {
            for option in options {
                if first == option.letter, name.count > 1, option.form != .apart {
                    return Self.secret(of: option.value, name.dropFirst())
                }
                // Letters without a value may precede it: `curl -sSu user:password`.
                let isGroup = if case .behind = option.value { name.allSatisfy(Self.isLetter) } else { name.count == 1 }
                if isGroup, name.last == option.letter, option.form != .attached { next = .option(option.value) }
            }
        }
        guard next == nil, name.count > 1, name.allSatisfy({ TokenShape.isWord($0) || $0 == UInt8(ascii: ".") }) else {
            return []
        }
        if SecretName.isPossible(name), case let known = SecretName(name), known.isOfSecretInNextWord {
            next = .secret(known)
        } else if Self.userFlags.contains(where: { name.elementsEqual($0.utf8) }) {
            next = .option(.behind(UInt8(ascii: ":")))
        }
        return []
    }

    /// Long flags of curl whose value is `name:password`.
    private static let userFlags = ["user", "proxy-user"]

    private static func secret(of value: SecretFlags.Value, _ word: ArraySlice<UInt8>) -> [Range<Int>] {
        switch value {
        case .whole: return [word.startIndex..<word.endIndex]
        case .behind(let mark):
            guard let place = word.firstIndex(of: mark), place + 1 < word.endIndex else { return [] }
            return [place + 1..<word.endIndex]
        case .cookie: return word.contains(UInt8(ascii: "=")) ? [word.startIndex..<word.endIndex] : []
        }
    }

    private func content(_ word: ArraySlice<UInt8>) -> [Range<Int>] {
        let found = SecretContent.ranges(in: word)
        var user: [Range<Int>] = []
        for flag in ["--user=", "--proxy-user="] where word.starts(with: flag.utf8) {
            user = Self.secret(of: .behind(UInt8(ascii: ":")), word.dropFirst(flag.utf8.count))
        }
        guard word.contains(where: { $0 == 0x20 || $0 == 0x0a || $0 == 0x09 }) else { return found + user }
        return found + user + Self.ranges(in: word, depth: depth)
    }

    /// A secret may begin with a dash, but a word of lower-case letters is more likely a flag.
    private static func looksLikeFlag(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count > 1, word.first == UInt8(ascii: "-") else { return false }
        let name = word.drop { $0 == UInt8(ascii: "-") }
        return word.count == 2
            || name.prefix { $0 != UInt8(ascii: "=") }.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2d }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
}
