internal import Glibc

/// The two manglings that perf knows and libiberty does not.
enum PerfManglings {
    /// `camlModule__function_12` → `Module.function_12`; `$2b` is a character in hex.
    static func ocaml(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        guard name.starts(with: "caml".utf8), let initial = name.dropFirst(4).first,
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(initial)
        else { return nil }
        var result: [UInt8] = []
        var rest = name.dropFirst(4)
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "_"), rest.first == UInt8(ascii: "_") {
                result.append(UInt8(ascii: "."))
                rest.removeFirst()
            } else if byte == UInt8(ascii: "$"), let high = hexDigit(rest.first),
                let low = hexDigit(rest.dropFirst().first)
            {
                result.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    private static func hexDigit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): byte.map { $0 - UInt8(ascii: "0") }
        case .some(UInt8(ascii: "a")...UInt8(ascii: "f")): byte.map { $0 - UInt8(ascii: "a") + 10 }
        case .some(UInt8(ascii: "A")...UInt8(ascii: "F")): byte.map { $0 - UInt8(ascii: "A") + 10 }
        default: nil
        }
    }

    private enum JavaPart {
        case prefix, className, function, types, typeClass
    }

    private static let javaTypes: [UInt8: String] = [
        UInt8(ascii: "B"): "byte", UInt8(ascii: "C"): "char", UInt8(ascii: "D"): "double", UInt8(ascii: "F"): "float",
        UInt8(ascii: "I"): "int", UInt8(ascii: "J"): "long", UInt8(ascii: "S"): "short", UInt8(ascii: "Z"): "boolean",
    ]

    /// A Java signature, `Ljava/lang/Object;hash(I)V` → `java.lang.Object.hash(int)`, without its return type; `nil`
    /// for a name without a closing parenthesis, or with one of `[();/` where a signature has none.
    static func java(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        guard holds(UInt8(ascii: ")"), name), let close = name.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let signature = name[...close]
        var result: [UInt8] = []
        var part = JavaPart.prefix
        var arguments = 0
        var dimensions = 0
        for (index, byte) in zip(signature.indices, signature) {
            switch byte {
            case UInt8(ascii: "L") where part == .prefix: part = .className
            case UInt8(ascii: "L") where part == .types:
                if arguments > 0 { result += ", ".utf8 }
                arguments += 1
                part = .typeClass
            case UInt8(ascii: "V") where part == .types:
                result += "void".utf8
            case UInt8(ascii: "["):
                guard part == .types else { return nil }
                dimensions += 1
            case UInt8(ascii: "("):
                guard part == .function else { return nil }
                result.append(byte)
                part = .types
            case UInt8(ascii: ")"):
                guard part == .types else { return nil }
                result.append(byte)
                arguments = 0
            case UInt8(ascii: ";"):
                switch part {
                case .className:
                    if let next = signature[(index + 1)...].first, isLetter(next) { result.append(UInt8(ascii: ".")) }
                    part = .function
                case .typeClass: part = .types
                default: return nil
                }
            case UInt8(ascii: "/"):
                guard part == .className || part == .typeClass else { return nil }
                result.append(UInt8(ascii: "."))
            default:
                guard part == .types, let type = javaTypes[byte] else {
                    result.append(byte)
                    break
                }
                if arguments > 0 { result += ", ".utf8 }
                result += type.utf8
                for _ in 0..<dimensions { result += "[]".utf8 }
                dimensions = 0
                arguments += 1
            }
        }
        return result
    }

    /// A fast check (memchr(3)), since every name that is not mangled otherwise comes here and most hold no such byte.
    private static func holds(_ byte: UInt8, _ name: ArraySlice<UInt8>) -> Bool {
        unsafe name.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.map { unsafe memchr($0, Int32(byte), bytes.count) != nil } ?? false
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
