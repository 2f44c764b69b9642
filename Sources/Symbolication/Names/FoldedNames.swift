internal import Presentation

/// The text of frames in a folded stack.
enum FoldedNames {
    /// The bytes of a frame as `perf script` piped through `stackcollapse-perf.pl` gives it; `nil` if that drops the
    /// frame. `a->b` becomes two frames here too, so the result may hold a `;`.
    ///
    /// `symbol` is the demangled name, `nil` if there is none; `dso` is what perf prints in parentheses.
    static func perf(symbol: [UInt8]?, dso: [UInt8]) -> [UInt8]? {
        var raw = symbol ?? Array("[unknown]".utf8)
        var module = dso[...]
        // The line ends in " (dso)", and the script takes the last " (" in it for that parenthesis, even if it is in
        // the name.
        if let split = lastParenthesis(dso) {
            raw += " (".utf8
            raw += dso[..<split]
            module = dso[(split + 2)...]
        }
        // The script takes frames that begin with a parenthesis for process names.
        guard raw.first != UInt8(ascii: "(") else { return nil }
        var frames: [[UInt8]] = []
        for piece in pieces(raw) {
            var name = Array(piece)
            if piece.elementsEqual("[unknown]".utf8) { name = unknown(in: module) }
            name = tidy(name)
            if !frames.isEmpty, !name.contains(subsequence: "_[i]") { name += "_[i]".utf8 }
            frames.append(name)
        }
        return frames.isEmpty ? nil : Array(frames.joined(separator: [UInt8(ascii: ";")]))
    }

    private static func lastParenthesis(_ dso: [UInt8]) -> Int? {
        guard dso.count >= 2 else { return nil }
        return (0..<(dso.count - 1)).last { dso[$0] == UInt8(ascii: " ") && dso[$0 + 1] == UInt8(ascii: "(") }
    }

    /// Splits like Perl's `split /->/`: trailing empty pieces are dropped.
    private static func pieces(_ raw: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < raw.count {
            if raw[index] == UInt8(ascii: "-"), index + 1 < raw.count, raw[index + 1] == UInt8(ascii: ">") {
                pieces.append(raw[start..<index])
                index += 2
                start = index
            } else {
                index += 1
            }
        }
        pieces.append(raw[start...])
        while pieces.last?.isEmpty == true { pieces.removeLast() }
        return pieces
    }

    private static func unknown(in module: ArraySlice<UInt8>) -> [UInt8] {
        guard !module.elementsEqual("[unknown]".utf8) else { return Array("[unknown]".utf8) }
        return Array("[".utf8) + basename(module) + Array("]".utf8)
    }

    private static func basename(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return path[(slash + 1)...]
    }

    /// Replaces `;` and line feeds, and removes parameters and quotes.
    private static func tidy(_ name: [UInt8]) -> [UInt8] {
        var name = name.map { $0 == UInt8(ascii: ";") ? UInt8(ascii: ":") : $0 }
        if !isGoMethod(name) {
            let exception = Array("(anonymous namespace)".utf8)
            let cut = name.indices.first {
                name[$0] == UInt8(ascii: "(") && !name[$0...].starts(with: exception)
            }
            if let cut { name.removeSubrange(cut...) }
        }
        name.removeAll { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
        return name.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
    }

    /// Whether there is a parenthesis between two dots, as in `net/http.(*Client).Do`.
    private static func isGoMethod(_ name: [UInt8]) -> Bool {
        guard let open = name.firstIndex(ofPair: (".", "(")), let close = name.lastIndex(ofPair: (")", ".")) else {
            return false
        }
        return open + 2 <= close
    }

    /// The script's tidying of Java names, for comms that begin with `java`: removes the `L` before a class.
    static func java(_ text: String) -> String {
        let frames = text.split(separator: ";", omittingEmptySubsequences: false)
        return frames.map { $0.hasPrefix("L") && $0.contains("/") ? $0.dropFirst() : $0 }.joined(separator: ";")
    }

    /// The text of a symbol in `NameStyle.best`: readable, and unable to break a line or disturb a terminal.
    static func best(symbol name: ArraySlice<UInt8>) -> String {
        let stub = Array("@plt".utf8)
        let isStub = name.count > stub.count && name.suffix(stub.count).elementsEqual(stub)
        var bare = isStub ? name.dropLast(stub.count) : name
        // `clock_gettime@@GLIBC_2.17`
        if let version = bare.firstIndex(of: UInt8(ascii: "@")), version > bare.startIndex { bare = bare[..<version] }
        let text = String(decoding: Demangler.readable(bare) ?? Array(bare), as: UTF8.self)
        return ForeignText.frame(isStub ? text + "@plt" : text)
    }

    /// The text of a symbol on Android in `NameStyle.best`: the linker's own functions begin with `__dl_`, unlike those
    /// that programs call.
    static func android(symbol name: ArraySlice<UInt8>) -> String {
        let linker = Array("__dl_".utf8)
        guard name.starts(with: linker) else { return best(symbol: name) }
        return "[linker]" + best(symbol: name.dropFirst(linker.count))
    }

    /// The text of a name that is not mangled, in `NameStyle.best`.
    static func best(plain name: ArraySlice<UInt8>) -> String {
        ForeignText.frame(String(decoding: name, as: UTF8.self))
    }

    /// The text for an address without a symbol in a known image, in `NameStyle.best`.
    static func best(unknownIn path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.hasSuffix(" (deleted)") { name.removeLast(" (deleted)".count) }
        if name.hasPrefix("["), name.hasSuffix("]") { return ForeignText.frame(name) }
        return ForeignText.frame("[" + name + "]")
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence text: StaticString) -> Bool {
        let wanted = Array(text.description.utf8)
        return count >= wanted.count && (0...(count - wanted.count)).contains { self[$0...].starts(with: wanted) }
    }

    fileprivate func firstIndex(ofPair pair: (Unicode.Scalar, Unicode.Scalar)) -> Int? {
        indices.dropLast().first { self[$0] == UInt8(ascii: pair.0) && self[$0 + 1] == UInt8(ascii: pair.1) }
    }

    fileprivate func lastIndex(ofPair pair: (Unicode.Scalar, Unicode.Scalar)) -> Int? {
        indices.dropLast().last { self[$0] == UInt8(ascii: pair.0) && self[$0 + 1] == UInt8(ascii: pair.1) }
    }
}
