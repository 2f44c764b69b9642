internal import ELFImages

/// One image of the session: a file of one build, the kernel, the vDSO, a JIT compiler's code.
package final class MappedImage {
    /// Packed sessions have the numbers.
    package enum Source: UInt8, Sendable {
        case file
        case vdso
        case jitMap
        /// The kernel's symbols, its modules' included.
        case kernel
        /// Memory without a file.
        case none
    }

    /// As recorded, or perf's name for it.
    let path: String
    let buildID: [UInt8]?
    let source: Source
    /// `nil` until the first look-up.
    var table: SymbolTable?
    /// The frame of each symbol of the table; `noFrame` until it is first met.
    var frames: ContiguousArray<UInt32> = []
    /// The frame of addresses without a symbol.
    var unknownFrame = noFrame
    /// By offset: where that is in the source, 0 for nowhere. Empty where nobody asked.
    var places: [UInt64: PlaceID] = [:]

    /// Code that was compiled as it ran, and copied into a file: the recorded names have the addresses of the memory.
    var isCopiedCode = false

    /// Whether a name of it was cut.
    var hasLongNames = false

    /// The image that has this one's names just now, where they change with time.
    var present: Int?

    static let noFrame = UInt32.max

    init(path: String, buildID: [UInt8]?, source: Source) {
        self.path = path
        self.buildID = buildID
        self.source = source
    }

    /// Lets go of the symbols that nobody met, where nobody will ask for others.
    func keepMetSymbols() {
        guard let table else { return }
        let met = frames.indices.filter { frames[$0] != Self.noFrame }
        self.table = SymbolTable(entries: met.compactMap(table.entry(at:)))
        frames = ContiguousArray(met.map { frames[$0] })
    }

    /// As if nothing had been looked up in it.
    func forget() {
        table = nil
        frames = []
        present = nil
    }
}

/// The kinds of names that are mapped without being files, as perf tells them apart.
enum MappedName {
    /// Anonymous memory, where JIT compilers put their code.
    static func isAnonymous(_ path: String) -> Bool {
        path == "//anon" || path.isEmpty || path == "[heap]"
            || ["/dev/zero", "/anon_hugepage", "[stack", "/SYSV"].contains { path.hasPrefix($0) }
    }

    /// The process whose JIT map a path stands for: `/tmp/perf-PID.map`.
    static func isJITMap(_ path: String, style: NameStyle) -> Bool {
        path.hasPrefix("/tmp/perf-") && (style == .perf || path.hasSuffix(".map"))
    }

    /// What perf calls the code that a process compiles as it runs.
    static func jitMap(of process: Int32) -> String { "/tmp/perf-\(process).map" }

    /// What simpleperf calls the names of the code that a process compiles, `perf-PID.map`, of the path that perf has for it.
    static func recordedMap(_ path: String) -> String {
        path.hasPrefix("/tmp/perf-") ? String(path.dropFirst("/tmp/".count)) : path
    }

    /// A JIT compiler's dump: `jit-PID.dump`.
    static func isJITDump(_ path: String) -> Bool {
        guard let name = path.split(separator: "/").last, name.hasPrefix("jit-"), name.hasSuffix(".dump") else {
            return false
        }
        let number = name.dropFirst(4).dropLast(5)
        return !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// `[mac80211]` for `/lib/modules/…/mac80211.ko.xz`; `nil` for the path of anything else.
    static func moduleName(_ path: String) -> String? {
        if path.hasPrefix("["), path.hasSuffix("]") { return path }
        guard let file = path.split(separator: "/").last, let dot = file.range(ofModuleSuffix: ()) else { return nil }
        return "[" + file[..<dot].replacing("-", with: "_") + "]"
    }
}

extension Substring {
    /// Where `.ko`, with or without a compression suffix, begins.
    fileprivate func range(ofModuleSuffix: Void) -> Substring.Index? {
        for suffix in [".ko", ".ko.gz", ".ko.xz", ".ko.zst", ".ko.bz2", ".ko.lzma"] where hasSuffix(suffix) {
            return index(endIndex, offsetBy: -suffix.count)
        }
        return nil
    }
}
