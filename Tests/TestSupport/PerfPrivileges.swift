import Capture
import Glibc

/// Whether tests that record can run here.
public enum PerfPrivileges {
    /// Set where a machine without the rights is an error of the machine: nothing is left out there, it fails.
    public static let areRequired = getenv("SPAWNSCOPE_REQUIRE_PRIVILEGES").map { String(cString: $0) } == "1"

    public static let available: Bool = {
        guard areRequired || MachineReport().allowsRecording else { return false }
        HeldTracepoints.open()
        return true
    }()

    /// The program under test, built beside the tests; or another build, to see a test fail on it: SPAWNSCOPE_TESTED.
    public static let program: String = {
        if let other = getenv("SPAWNSCOPE_TESTED") { return String(cString: other) }
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let directory = text.split(separator: "/").dropLast()
        return "/" + directory.joined(separator: "/") + "/spawnscope"
    }()
}

/// A directory that goes with the test, for sessions.
public final class SessionDirectory {
    public let path: String

    public init() {
        var template = Array("/tmp/spawnscope-capture-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public var session: String { path + "/s.data" }

    deinit {
        for name in ["s.data", "s.data.old", "report.json"] { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// `spawnscope record -o` this directory's session.
    public func record(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "record", "-o", session] + arguments)
    }
}
