import Glibc
import KernelPrograms
import LinuxSystem

/// This machine, as uname(2), sysconf(3) and /proc/cpuinfo describe it.
struct Machine {
    var hostName = "unknown"
    var release = ""
    var architecture = ""
    /// The first processor's name; empty if /proc/cpuinfo has none.
    var processor = ""
    var configuredCPUs: Int
    var onlineCPUs: Int
    var pageSize: UInt32

    init() {
        var names = utsname()
        if unsafe uname(&names) == 0 {
            hostName = Self.text(names.nodename)
            release = Self.text(names.release)
            architecture = Self.text(names.machine)
        }
        if let text = try? SystemFile.bytes("/proc/cpuinfo") {
            processor = Self.processor(String(decoding: text, as: UTF8.self))
        }
        configuredCPUs = max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))
        onlineCPUs = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        pageSize = UInt32(clamping: sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The processor's name, from the line that perf uses for HEADER_CPUDESC: "model name : NAME".
    static func processor(_ information: String) -> String {
        let line = information.split(separator: "\n").first { $0.hasPrefix("model name") }
        guard let line, let colon = line.firstIndex(of: ":") else { return "" }
        return String(line[line.index(after: colon)...].drop { $0 == " " })
    }

    /// A NUL-terminated character array that the importer shows as a tuple.
    private static func text<Characters>(_ characters: Characters) -> String {
        unsafe withUnsafeBytes(of: characters) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension Machine {
    var version: KernelVersion? { KernelVersion(release: release) }
}
