import Glibc
import LinuxSystem

/// The breakpoint on `__libc_start_main`, where the dynamic linker is done and the program's own code begins: it ends
/// the phase `link`.
///
/// One uprobe on the libc file that this machine's programs map. Programs with another libc (a container's, musl) and
/// static programs do not reach it.
enum LinkProbe {
    static let symbol = "__libc_start_main"

    /// `nil` if this program is linked with no such libc, or the libc lacks the symbol.
    static func breakpoint(symbolOffset: (_ path: String, _ symbol: String) -> UInt64?) -> Breakpoint? {
        guard let path = mappedLibc(), let offset = symbolOffset(path, symbol) else { return nil }
        return Breakpoint(path: path, offset: offset)
    }

    /// The libc that this process itself has mapped.
    private static func mappedLibc() -> String? {
        guard let maps = try? SystemFile.bytes("/proc/self/maps", limit: 1 << 20) else { return nil }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
            let path = String(decoding: line[slash...], as: UTF8.self)
            if path.hasSuffix("/libc.so.6") { return path }
        }
        return nil
    }
}
