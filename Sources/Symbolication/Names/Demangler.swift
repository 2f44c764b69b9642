internal import CDemangle

/// Turns mangled names into readable ones.
///
/// C++ and both manglings of Rust go through libiberty, Swift through the Swift runtime. Neither reports errors: the
/// result is `nil` for a name that is not mangled, and for one whose text would be too long. Such a name is kept as it
/// is.
package enum Demangler {
    /// Longer names, and those with longer results, are kept as they are; both limits are in bytes. Of 507,352 mangled
    /// names of clang, lldb, node, libLLVM, libstdc++, Swift's compiler and this program the longest result has 14,971.
    static let longestName = 4096
    static let longestResult = 16 << 10

    /// Whether a mangled name is kept because its text would be too long. Meant for names that did not demangle.
    static func isTooLong(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, name.count <= longestName else { return false }
        if isSwift(name), swift(name) == .tooLong { return true }
        return first == UInt8(ascii: "_") && libiberty(name) == .tooLong
    }

    private enum Result: Equatable {
        case text([UInt8])
        case none
        case tooLong

        var text: [UInt8]? { if case .text(let text) = self { text } else { nil } }
    }

    /// The name as perf 6.1 demangles it: C++ and Rust without parameters, OCaml, Java signatures; `nil` if perf keeps
    /// the name. It does not demangle Swift.
    package static func perf(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = name.first, name.count <= longestName else { return nil }
        // libiberty demangles only names that begin with `_`.
        if first == UInt8(ascii: "_"), let result = libiberty(name).text { return result }
        return PerfManglings.ocaml(name) ?? PerfManglings.java(name)
    }

    /// The readable name: C++, Rust and OCaml as in `perf`, and Swift without types and effects.
    package static func readable(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = name.first, name.count <= longestName else { return nil }
        if isSwift(name), let result = swift(name).text { return SwiftSignature.simplified(result) }
        if first == UInt8(ascii: "_"), let result = libiberty(name).text { return result }
        return PerfManglings.ocaml(name)
    }

    /// The prefixes of Swift's manglings since 3.0 (docs/ABI/Mangling.rst).
    private static func isSwift(_ name: ArraySlice<UInt8>) -> Bool {
        ["$s", "$S", "$e", "_$s", "_$S", "_$e", "_T0", "_T"].contains { name.starts(with: $0.utf8) }
    }

    private static func libiberty(_ name: ArraySlice<UInt8>) -> Result {
        unsafe withTerminated(name) { unsafe demangle_cplus($0, $1.baseAddress, $1.count) }
    }

    private static func swift(_ name: ArraySlice<UInt8>) -> Result {
        let length = name.count
        return unsafe withTerminated(name) { unsafe demangle_swift($0, length, $1.baseAddress, $1.count) }
    }

    /// Calls a C demangler with a NUL-terminated copy of the name and room for its text.
    private static func withTerminated(
        _ name: ArraySlice<UInt8>,
        _ demangle: (UnsafePointer<CChar>, UnsafeMutableBufferPointer<CChar>) -> Int
    ) -> Result {
        guard !name.contains(0) else { return .none }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { copy in
            unsafe name.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(copy).copyMemory(from: $0) }
            unsafe copy[name.count] = 0
            guard let start = copy.baseAddress else { return .none }
            return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: longestResult) { text -> Result in
                let length = unsafe demangle(start, text)
                guard length >= 0 else { return length == DEMANGLE_TOO_LONG ? .tooLong : .none }
                return .text(
                    unsafe [UInt8](UnsafeRawBufferPointer(start: text.baseAddress, count: min(length, text.count))))
            }
        }
    }
}
