/// Decides by the name of a flag, variable, header or key whether its value is a secret.
struct SecretName {
    /// The words of the name in lower case, without dashes, underscores, dots and digits. `secretAccessKey` and
    /// `SECRET_ACCESS_KEY` give the same three.
    private let words: [String]

    /// Only this many bytes at the end of a name are examined, since the end is most telling.
    static let mostBytes = 128

    /// A quick check: every name of a secret contains one of these stems.
    static func isPossible(_ name: ArraySlice<UInt8>) -> Bool {
        var index = name.startIndex
        while index + 3 <= name.endIndex {
            let rest = (name[index + 1] | 0x20, name[index + 2] | 0x20)
            let isStem =
                switch name[index] | 0x20 {
                case UInt8(ascii: "p"):
                    // pass, pwd, psk, private
                    rest == (0x61, 0x73) || rest == (0x77, 0x64) || rest == (0x73, 0x6b) || rest == (0x72, 0x69)
                // secret, token, key
                case UInt8(ascii: "s"): rest == (0x65, 0x63)
                case UInt8(ascii: "t"): rest == (0x6f, 0x6b)
                case UInt8(ascii: "k"): rest == (0x65, 0x79)
                // auth, credential, cookie, bearer, otp, redact
                case UInt8(ascii: "a"): rest == (0x75, 0x74)
                case UInt8(ascii: "c"): rest == (0x72, 0x65) || rest == (0x6f, 0x6f)
                case UInt8(ascii: "b"): rest == (0x65, 0x61)
                case UInt8(ascii: "o"): rest == (0x74, 0x70)
                case UInt8(ascii: "r"): rest == (0x65, 0x64)
                default: false
                }
            if isStem { return true }
            index += 1
        }
        return false
    }

    init(_ name: ArraySlice<UInt8>) {
        var words: [[UInt8]] = [[]]
        let bytes = Array(name.suffix(Self.mostBytes))
        for (index, byte) in bytes.enumerated() {
            let isUpper = (0x41...0x5a).contains(byte)
            guard isUpper || (0x61...0x7a).contains(byte) else {
                if words.last?.isEmpty == false { words.append([]) }
                continue
            }
            if isUpper, index > 0 {
                // A capital letter that begins a word: `authToken`, `APIKey`.
                let isBehindLower = (0x61...0x7a).contains(bytes[index - 1])
                let isBeforeLower =
                    index + 1 < bytes.count && (0x61...0x7a).contains(bytes[index + 1])
                    && (0x41...0x5a).contains(bytes[index - 1])
                if isBehindLower || isBeforeLower { words.append([]) }
            }
            words[words.count - 1].append(byte | 0x20)
        }
        self.words = words.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the value joined to the name is a secret: `name=value`, `"name": "value"`, `Name: value`.
    var isOfSecret: Bool {
        guard let last = words.last, !Self.descriptions.contains(last) else { return false }
        if words.contains(where: Self.strong.contains) || Self.endings.contains(where: last.hasSuffix) { return true }
        switch last {
        case "key": return !words.dropLast().contains(where: Self.openKeys.contains)
        // The shell's variable PWD is a directory.
        case "pwd": return words.count > 1
        case "pass": return !words.dropLast().contains(where: Self.counts.contains)
        default: return Self.weak.contains(last)
        }
    }

    /// Whether the word after the flag is a secret: `--name value`. Flags that sound like switches take no value.
    var isOfSecretInNextWord: Bool {
        guard let first = words.first, !Self.switches.contains(first), words.last != "private" else { return false }
        return isOfSecret
    }

    /// Whether a value of this name can be a secret. Switches, small numbers and file names of keys are not.
    func takesForSecret(_ value: ArraySlice<UInt8>) -> Bool {
        guard !value.isEmpty else { return false }
        if value.count <= 5, Self.plain.contains(String(decoding: value, as: UTF8.self).lowercased()) { return false }
        guard let last = words.last, ["key", "pass", "auth"].contains(last) else { return true }
        if value.count <= 3, value.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2c }) { return false }
        guard last == "key" else { return true }
        return !["./", "../", "~/"].contains { value.starts(with: $0.utf8) }
            && ![".pem", ".key", ".crt", ".p12", ".pfx", ".pub"].contains { value.suffix(4).elementsEqual($0.utf8) }
    }

    /// Words that mark a secret anywhere in a name that does not end in a description.
    private static let strong: Set<String> = [
        "password", "passwords", "passwd", "passphrase", "passcode", "secret", "secrets", "token", "credential",
        "credentials",
        "apikey", "authorization", "redact",
    ]
    /// Endings of a name's last word that mark a secret.
    private static let endings = [
        "password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "accesskey", "secretkey",
        "privatekey",
        "authkey", "credential", "credentials", "dbpass", "userpass", "rootpass", "adminpass", "mypass", "keypass",
        "storepass",
        "sshpass",
    ]
    /// Words that mark a secret only as the last word.
    private static let weak: Set<String> = [
        "auth", "cred", "creds", "cookie", "cookies", "private", "bearer", "otp", "psk",
    ]
    /// Last words of names that describe a secret but do not hold it.
    private static let descriptions: Set<String> = [
        "file", "files", "filename", "path", "dir", "directory", "folder", "name", "id", "type", "length", "len",
        "size", "count",
        "min", "max", "limit", "ttl", "timeout", "expiry", "expires", "expiration", "age", "lifetime", "format",
        "encoding", "url",
        "uri", "endpoint", "env", "var", "stdin", "prompt", "fd", "policy", "algorithm", "alg", "method", "mode",
        "scheme",
        "helper", "provider", "manager", "usage", "server", "host", "port", "version", "prefix", "hint", "field",
        "column",
        "label", "agent", "sock", "socket", "cmd", "command", "program", "required", "enabled", "disabled", "attempts",
        "retries", "cache", "interval", "arn", "ref", "sha",
    ]
    /// Words before `key` that make it no secret.
    private static let openKeys: Set<String> = [
        "public", "pub", "sort", "primary", "foreign", "partition", "cache", "hash", "range", "order", "group", "index",
        "lookup",
        "hot", "unique", "row", "map", "object", "join", "routing", "message", "translation", "label", "dict", "merge",
    ]
    /// Words before `pass` that mean a pass over data.
    private static let counts: Set<String> = ["one", "two", "single", "multi", "first", "second"]
    private static let switches: Set<String> = [
        "no", "enable", "disable", "without", "ask", "require", "allow", "skip", "show", "hide", "print", "list",
        "reset",
        "generate", "change", "rotate", "use",
    ]
    private static let plain: Set<String> = [
        "true", "false", "yes", "no", "on", "off", "y", "n", "0", "1", "none", "null", "auto",
    ]
}
