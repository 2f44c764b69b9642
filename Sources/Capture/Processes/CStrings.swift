import CPerfEvent
import Glibc

/// A list of NUL-terminated strings as exec(3) takes them, with a null pointer at its end.
@safe struct CStrings: ~Copyable {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [[UInt8]]) {
        unsafe pointers = unsafe strings.map { unsafe Self.copy($0) } + [nil]
    }

    deinit { unsafe pointers.forEach { unsafe free($0) } }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        unsafe (bytes + [0]).withUnsafeBytes { terminated in
            guard let start = terminated.baseAddress else { return nil }
            return unsafe strdup(start.assumingMemoryBound(to: CChar.self))
        }
    }

    /// The environment that this process was started with.
    static var callerEnvironment: [[UInt8]] {
        var entries: [[UInt8]] = []
        guard var entry = unsafe cperf_caller_environment() else { return [] }
        while let text = unsafe entry.pointee {
            unsafe entries.append(Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
            unsafe entry += 1
        }
        return entries
    }
}
