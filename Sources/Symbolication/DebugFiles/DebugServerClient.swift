internal import Glibc

/// Asks the servers in DEBUGINFOD_URLS through elfutils' libdebuginfod, which has a cache of its own. The library is
/// loaded only when a client is made.
@safe
package final class DebugServerClient {
    /// debuginfod_find_debuginfo(3) and debuginfod_find_executable.
    private typealias Find =
        @convention(c) (
            OpaquePointer?, UnsafePointer<UInt8>?, Int32, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> Int32

    private let begin: @convention(c) () -> OpaquePointer?
    private let findDebugFile: Find
    private let findExecutable: Find
    private var client: OpaquePointer?

    /// Loads the library; no request is made yet.
    package init() throws(DebugServerError) {
        guard let servers = unsafe getenv("DEBUGINFOD_URLS"), unsafe servers.pointee != 0 else { throw .noServer }
        guard let library = unsafe dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL) else {
            throw .noLibrary(unsafe String(cString: dlerror()))
        }
        let begin = unsafe dlsym(library, "debuginfod_begin")
        let (debugFile, executable) = unsafe (
            dlsym(library, "debuginfod_find_debuginfo"), dlsym(library, "debuginfod_find_executable")
        )
        guard let begin = unsafe begin, let debugFile = unsafe debugFile, let executable = unsafe executable else {
            throw .noLibrary("libdebuginfod.so.1 lacks what is called")
        }
        unsafe self.begin = unsafe unsafeBitCast(begin, to: (@convention(c) () -> OpaquePointer?).self)
        unsafe findDebugFile = unsafe unsafeBitCast(debugFile, to: Find.self)
        unsafe findExecutable = unsafe unsafeBitCast(executable, to: Find.self)
        unsafe client = nil
    }

    /// A descriptor of the file, for the caller to close; negative if no server has it. The library's client is created
    /// at the first request, and so in the process that may use the network.
    package func find(_ buildID: [UInt8], isProgram: Bool) -> Int32 {
        if unsafe client == nil { unsafe client = begin() }
        guard unsafe client != nil else { return -1 }
        return unsafe (isProgram ? findExecutable : findDebugFile)(client, buildID, Int32(clamping: buildID.count), nil)
    }
}

package enum DebugServerError: Error, Hashable, Sendable {
    /// libdebuginfod cannot be loaded, for the reason that the dynamic linker gives, or lacks a function.
    case noLibrary(String)
    /// DEBUGINFOD_URLS is not set, or empty.
    case noServer
}
