internal import CLinuxSystem
internal import Glibc

/// What a worker may use: memory and CPU time in proportion to the disk space of the files that it was given.
struct WorkerLimits {
    /// Bytes of memory regardless of its files, and additional bytes for each byte on disk.
    private static let memory: UInt64 = 256 << 20
    private static let memoryPerByte: UInt64 = 4
    /// Seconds of CPU time regardless of its files; each MiB on disk adds `slowness` seconds.
    private static let seconds: UInt64 = 10 * slowness
    /// How many times longer a build without optimisation may take.
    #if DEBUG
        private static let slowness: UInt64 = 8
    #else
        private static let slowness: UInt64 = 1
    #endif
    private let process: pid_t
    /// Whether the kernel enforces the limits. If this process may not raise them as files are opened, it checks the
    /// worker's use itself.
    let areTheKernels: Bool
    private var known: Set<Identity> = []
    private var bytesOnDisk: UInt64 = 0
    private var hasKernelSymbols = false

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// At most this many distinct files are counted; later ones do not raise the limits.
    private static let mostKnown = 1 << 16

    init(process: pid_t, areTheKernels: Bool) {
        self.process = process
        self.areTheKernels = areTheKernels
    }

    static func setFirst() { _ = clinux_limit(0, memory, seconds) }

    private var memory: UInt64 { Self.memory + Self.memoryPerByte * bytesOnDisk }
    private var seconds: UInt64 { Self.seconds + Self.slowness * (bytesOnDisk >> 20) }

    /// Which limit the worker has exceeded; `nil` if none.
    func excess(_ use: borrowing WorkerUse) -> Worker.Excess? {
        let (seconds, bytes) = use.now()
        return bytes > memory ? .memory : seconds > self.seconds ? .time : nil
    }

    /// Whether this process may set another user's limits (CAP_SYS_RESOURCE).
    static let mayRaiseOthers = clinux_has_capability(24) == 1

    /// Allocated bytes, at most the file's size: holes, and what the file system has compressed away, do not count.
    private static func bytesOnDisk(_ status: stat) -> UInt64 {
        min(UInt64(clamping: status.st_blocks) &* 512, UInt64(clamping: status.st_size))
    }

    /// Counts the kernel's symbols, about 12 MB of text that is not on disk, when the worker is given them.
    mutating func addKernelSymbols() {
        guard !hasKernelSymbols else { return }
        hasKernelSymbols = true
        add(bytes: 16 << 20)
    }

    private mutating func add(bytes: UInt64) {
        bytesOnDisk = min(bytesOnDisk &+ bytes, 1 << 50)
        if areTheKernels { _ = clinux_limit(process, memory, seconds) }
    }

    static func bytesOnDisk(_ descriptor: Int32) -> UInt64 {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? bytesOnDisk(status) : 0
    }

    /// Counts a file that the worker is given, by its bytes on disk; each file once.
    mutating func add(_ descriptor: Int32) {
        var status = stat()
        guard known.count < Self.mostKnown, unsafe fstat(descriptor, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG,
            known.insert(Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))).inserted
        else { return }
        let onDisk = Self.bytesOnDisk(status)
        if onDisk > 0 { add(bytes: onDisk) }
    }
}
