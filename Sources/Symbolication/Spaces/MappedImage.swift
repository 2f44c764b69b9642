internal import ELFImages

/// One image of the session: a file of one build, the kernel, the vDSO, a JIT compiler's code.
package final class MappedImage {
    /// The raw values are stored in packed sessions.
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
    /// The source place of each offset that was looked up; 0 means none. Empty unless places were requested.
    var places: [UInt64: PlaceID] = [:]

    /// Whether it is JIT code that was copied into a file: names in the recording go by its addresses in memory.
    var isCopiedCode = false

    /// Whether one of its names was cut, or too long to demangle.
    var hasLongNames = false

    /// The image that holds the current names, if they change over time.
    var present: Int?

    static let noFrame = UInt32.max

    init(path: String, buildID: [UInt8]?, source: Source) {
        self.path = path
        self.buildID = buildID
        self.source = source
    }

    /// Drops the symbols that were not met, when no others will be looked up.
    func keepMetSymbols() {
        guard let table else { return }
        let met = frames.indices.filter { frames[$0] != Self.noFrame }
        self.table = SymbolTable(entries: met.compactMap(table.entry(at:)))
        frames = ContiguousArray(met.map { frames[$0] })
    }

    /// Drops the names, so that the next look-up loads them again.
    func forget() {
        table = nil
        frames = []
        present = nil
    }
}

/// Recognizes names that are mapped without being files, as perf does.
enum MappedName {
    /// Whether a name is that of anonymous memory, where JIT compilers put their code.
    static func isAnonymous(_ path: String) -> Bool {
        path == "//anon" || path.isEmpty || path == "[heap]"
            || ["/dev/zero", "/anon_hugepage", "[stack", "/SYSV"].contains { path.hasPrefix($0) }
    }

    /// Whether a path stands for a process's JIT map: `/tmp/perf-PID.map`.
    static func isJITMap(_ path: String, style: NameStyle) -> Bool {
        path.hasPrefix("/tmp/perf-") && (style == .perf || path.hasSuffix(".map"))
    }

    /// The path that perf gives to the code that a process compiles.
    static func jitMap(of process: Int32) -> String { "/tmp/perf-\(process).map" }

    /// The name that simpleperf gives to the code that a process compiles, `perf-PID.map`, for the path that perf gives
    /// it.
    static func recordedMap(_ path: String) -> String {
        path.hasPrefix("/tmp/perf-") ? String(path.dropFirst("/tmp/".count)) : path
    }

    /// Whether a path is that of a JIT compiler's dump: `jit-PID.dump`.
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
