internal import Glibc

/// Asks the servers of DEBUGINFOD_URLS: elfutils' libdebuginfod, which keeps what it got in a cache of its own, and is loaded only when
/// it is asked for.
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

    /// Loads the library; nothing is asked yet.
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

    /// A descriptor of the file, the caller's to close; negative where no server has it. Begins with the first question: in the process
    /// that may use the network.
    package func find(_ buildID: [UInt8], isProgram: Bool) -> Int32 {
        if unsafe client == nil { unsafe client = begin() }
        guard unsafe client != nil else { return -1 }
        return unsafe (isProgram ? findExecutable : findDebugFile)(client, buildID, Int32(clamping: buildID.count), nil)
    }
}

package enum DebugServerError: Error, Hashable, Sendable {
    /// libdebuginfod is not on this machine; what the dynamic linker says.
    case noLibrary(String)
    /// DEBUGINFOD_URLS is not set, or empty.
    case noServer
}
