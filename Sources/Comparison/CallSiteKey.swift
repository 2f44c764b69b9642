/// What makes call sites of different runs the same: the spawner's name and its functions.
///
/// Neither addresses, offsets, lines nor files of a nameless frame are in it, nor what a compiler appends to a name in one build
/// and not in the next. The command itself may have another name on the other side.
package struct CallSiteKey: Hashable, Sendable {
    /// `nil` for the command itself.
    package var comm: String?
    /// Outermost first.
    package var frames: [String]

    /// `rootComm`: what the command of the run is called.
    package init(stack: [String], comm: String, rootComm: String?) {
        self.comm = comm == rootComm ? nil : comm
        frames = stack.compactMap(Self.stable)
    }

    init(comm: String?, frames: [String]) {
        self.comm = comm
        self.frames = frames
    }

    /// comm(5) of a command: the last component of its path, 15 bytes of it.
    package static func comm(ofCommand command: [String]) -> String? {
        guard let path = command.first, let name = path.split(separator: "/").last else { return nil }
        return String(decoding: Array(name.utf8.prefix(15)), as: UTF8.self)
    }

    /// GCC's and LLVM's names for changed copies of a function, and Go's for its calling convention.
    private static let marks = [
        ".constprop.", ".isra.", ".part.", ".cold", ".llvm.", ".lto_priv.", ".localalias", ".abi0", ".abiinternal",
        "+0x",
    ]

    /// The part of a function's name that another build of the same source has, too; `nil` of a frame without a name.
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
