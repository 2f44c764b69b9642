internal import CDemangle
internal import Glibc

/// Turns mangled names into what a person would read.
///
/// C++ and both manglings of Rust go through libiberty, Swift through the Swift runtime. Neither can fail loudly: what is
/// no mangled name is `nil`.
public enum Demangler {
    /// Longer names are left as they are, and longer results are cut; both in bytes.
    static let longestName = 32 << 10
    static let longestResult = 64 << 10

    /// The name as perf 6.1 demangles it: C++ and Rust without parameters, OCaml, Java signatures; `nil` where it keeps
    /// the name. It knows no Swift.
    public static func perf(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = name.first, name.count <= longestName else { return nil }
        // libiberty takes nothing else, and most names end here.
        if first == UInt8(ascii: "_"), let result = libiberty(name) { return result }
        return PerfManglings.ocaml(name) ?? PerfManglings.java(name)
    }

    /// The readable name: as `perf`, and Swift without modules of the standard library, types and results.
    public static func readable(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = name.first, name.count <= longestName else { return nil }
        if isSwift(name), let result = swift(name) { return SwiftSignature.simplified(result) }
        if first == UInt8(ascii: "_"), let result = libiberty(name) { return result }
        return PerfManglings.ocaml(name)
    }

    /// The prefixes of Swift's manglings since 3.0 (docs/ABI/Mangling.rst).
    private static func isSwift(_ name: ArraySlice<UInt8>) -> Bool {
        ["$s", "$S", "$e", "_$s", "_$S", "_$e", "_T0", "_T"].contains { name.starts(with: $0.utf8) }
    }

    private static func libiberty(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        unsafe withTerminated(name) { unsafe cplus_demangle($0, 0) }
    }

    private static func swift(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        unsafe withTerminated(name) { unsafe swift_demangle($0, strlen($0), nil, nil, 0) }
    }

    /// Calls a demangler of C with a NUL-terminated copy of the name, and frees what it returned.
    private static func withTerminated(
        _ name: ArraySlice<UInt8>, _ demangle: (UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar>?
    ) -> [UInt8]? {
        guard !name.contains(0) else { return nil }
        var terminated = name.map { CChar(bitPattern: $0) }
        terminated.append(0)
        return unsafe terminated.withUnsafeBufferPointer { buffer -> [UInt8]? in
            guard let start = buffer.baseAddress, let result = unsafe demangle(start) else { return nil }
            defer { unsafe free(result) }
            let length = unsafe strnlen(result, longestResult)
            return unsafe [UInt8](UnsafeRawBufferPointer(start: result, count: length))
        }
    }
}
