internal import Glibc

/// Debug files by build ID from the servers of DEBUGINFOD_URLS: elfutils' libdebuginfod, which asks them, keeps what it got in a
/// cache of its own, and is loaded only when asked for.
@safe
public final class DebugServer {
    public enum Problem: Error, Hashable, Sendable {
        /// libdebuginfod is not on this machine; what the dynamic linker says.
        case noLibrary(String)
        /// DEBUGINFOD_URLS is not set, or empty.
        case noServer
    }

    /// debuginfod_find_debuginfo(3) and debuginfod_find_executable.
    private typealias Find =
        @convention(c) (
            OpaquePointer?, UnsafePointer<UInt8>?, Int32, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> Int32

    private let client: OpaquePointer
    private let findDebugFile: Find
    private let findExecutable: Find
    private let end: @convention(c) (OpaquePointer?) -> Void
    private var answers: [[UInt8]: String?] = [:]
    private var executables: [[UInt8]: String?] = [:]
    /// How many files were asked for, and how many of them came.
    public private(set) var asked = 0
    public private(set) var found = 0

    public init() throws(Problem) {
        guard let servers = unsafe getenv("DEBUGINFOD_URLS"), unsafe servers.pointee != 0 else { throw .noServer }
        guard let library = unsafe dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL) else {
            throw .noLibrary(unsafe String(cString: dlerror()))
        }
        let begin = unsafe dlsym(library, "debuginfod_begin")
        let (debugFile, executable) = unsafe (
            dlsym(library, "debuginfod_find_debuginfo"), dlsym(library, "debuginfod_find_executable")
        )
        let end = unsafe dlsym(library, "debuginfod_end")
        guard let begin = unsafe begin, let debugFile = unsafe debugFile, let executable = unsafe executable,
            let end = unsafe end
        else { throw .noLibrary("libdebuginfod.so.1 lacks what is called") }
        guard let client = unsafe unsafeBitCast(begin, to: (@convention(c) () -> OpaquePointer?).self)() else {
            throw .noLibrary("libdebuginfod cannot begin")
        }
        unsafe self.client = unsafe client
        unsafe findDebugFile = unsafe unsafeBitCast(debugFile, to: Find.self)
        unsafe findExecutable = unsafe unsafeBitCast(executable, to: Find.self)
        unsafe self.end = unsafe unsafeBitCast(end, to: (@convention(c) (OpaquePointer?) -> Void).self)
    }

    deinit { unsafe end(client) }

    /// The path of a file with the debug information of a build; `nil` where no server has it.
    func debugFile(buildID: [UInt8]) -> String? {
        if let known = answers[buildID] { return known }
        let path = unsafe ask(findDebugFile, buildID)
        answers[buildID] = .some(path)
        return path
    }

    /// The same of the program or library itself.
    func executable(buildID: [UInt8]) -> String? {
        if let known = executables[buildID] { return known }
        let path = unsafe ask(findExecutable, buildID)
        executables[buildID] = .some(path)
        return path
    }

    private func ask(_ find: Find, _ buildID: [UInt8]) -> String? {
        asked += 1
        var path: UnsafeMutablePointer<CChar>?
        let descriptor = unsafe find(client, buildID, Int32(clamping: buildID.count), &path)
        guard descriptor >= 0 else { return nil }
        close(descriptor)
        guard let name = unsafe path else { return nil }
        defer { unsafe free(name) }
        found += 1
        return unsafe String(cString: name)
    }
}
