internal import CDemangle

/// Turns mangled names into what a person would read.
///
/// C++ and both manglings of Rust go through libiberty, Swift through the Swift runtime. Neither can fail loudly: what is
/// no mangled name is `nil`, and so is one whose text would be too long: it stays as it is.
package enum Demangler {
    /// Longer names are left as they are, and those with longer results; both in bytes. Of 507,352 mangled names of clang, lldb, node, libLLVM,
    /// libstdc++, Swift's compiler and this program the longest result has 14,971.
    static let longestName = 4096
    static let longestResult = 16 << 10

    /// Whether a name is mangled and stays so, since its text would be too long. To be asked of names that stay as they are.
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

    /// The name as perf 6.1 demangles it: C++ and Rust without parameters, OCaml, Java signatures; `nil` where it keeps
    /// the name. It knows no Swift.
    package static func perf(_ name: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = name.first, name.count <= longestName else { return nil }
        // libiberty takes nothing else, and most names end here.
        if first == UInt8(ascii: "_"), let result = libiberty(name).text { return result }
        return PerfManglings.ocaml(name) ?? PerfManglings.java(name)
    }

    /// The readable name: as `perf`, and Swift without modules of the standard library, types and results.
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

    /// Calls a demangler of C with a NUL-terminated copy of the name and room for its text.
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
