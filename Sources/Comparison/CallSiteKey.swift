/// Identifies a call site across runs: the spawner's name and its functions.
///
/// It leaves out addresses, offsets, lines, the files of nameless frames, and the suffixes that a compiler adds to
/// names in one build and not the next. The command itself may have a different name on the other side.
package struct CallSiteKey: Hashable, Sendable {
    /// `nil` for the command itself.
    package var comm: String?
    /// Outermost first.
    package var frames: [String]

    /// `rootComm` is the comm of the run's command.
    package init(stack: [String], comm: String, rootComm: String?) {
        self.comm = comm == rootComm ? nil : comm
        frames = stack.compactMap(Self.stable)
    }

    init(comm: String?, frames: [String]) {
        self.comm = comm
        self.frames = frames
    }

    /// The comm of a command (proc(5)): the last component of its path, cut to 15 bytes.
    package static func comm(ofCommand command: [String]) -> String? {
        guard let path = command.first, let name = path.split(separator: "/").last else { return nil }
        return String(decoding: Array(name.utf8.prefix(15)), as: UTF8.self)
    }

    /// Suffixes of GCC and LLVM for changed copies of a function, of Go for its calling convention, and of an offset.
    private static let marks = [
        ".constprop.", ".isra.", ".part.", ".cold", ".llvm.", ".lto_priv.", ".localalias", ".abi0", ".abiinternal",
        "+0x",
    ]

    /// The part of a function's name that another build of the same source shares; `nil` for a frame without a name.
    static func stable(_ name: String) -> String? {
        guard !name.hasPrefix("["), !name.hasPrefix("0x"), !name.isEmpty else { return nil }
        var bytes = Array(name.utf8)[...]
        for mark in marks {
            let pattern = Array(mark.utf8)
            guard bytes.count > pattern.count else { continue }
            let places = bytes.startIndex + 1...bytes.endIndex - pattern.count
            if let place = places.first(where: { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }) {
                bytes = bytes[..<place]
            }
        }
        // Rust's legacy mangling: `::h` and 16 hexadecimal digits.
        if bytes.count > 19, bytes.suffix(19).starts(with: "::h".utf8),
            bytes.suffix(16).allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        {
            bytes = bytes.dropLast(19)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
