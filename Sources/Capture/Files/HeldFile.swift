import LinuxSystem
import PerfData

/// A recorded file that its path does not lead to here, held open: it lies below another root directory or is deleted.
package final class HeldFile: Sendable {
    /// The path in the session.
    package let path: [UInt8]
    package let buildID: [UInt8]?
    /// Whether no other file was recorded under this path.
    package let isOnlyOfPath: Bool
    /// Leads to the file for as long as this lives, in this process.
    package let openPath: String
    /// The file, open.
    package let descriptor: Int32

    /// At most this many files are held.
    static let most = 512

    init(_ file: consuming RecordedFile, path: [UInt8], buildID: [UInt8]?, isOnlyOfPath: Bool) {
        self.path = path
        self.buildID = buildID
        self.isOnlyOfPath = isOnlyOfPath
        openPath = file.stablePath
        descriptor = file.release()
    }

    deinit { _ = OwnedDescriptor(descriptor) }
}
