internal import CLinuxSystem
internal import Glibc

/// What a worker may use: memory and CPU time in proportion to what lies on the disk of the files that it was given.
struct WorkerLimits {
    /// Bytes of memory whatever there is to read, and for each byte on disk.
    private static let memory: UInt64 = 256 << 20
    private static let memoryPerByte: UInt64 = 4
    /// Seconds of CPU, and MiB on disk that are worth one more.
    private static let seconds: UInt64 = 10 * slowness
    /// What a build that is not optimised takes longer.
    #if DEBUG
        private static let slowness: UInt64 = 8
    #else
        private static let slowness: UInt64 = 1
    #endif
    private let process: pid_t
    /// The kernel keeps the limits; where they cannot follow what is opened the parent has to look what was used.
    let areTheKernels: Bool
    private var known: Set<Identity> = []
    private var bytesOnDisk: UInt64 = 0
    private var hasKernelSymbols = false

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// Files told apart; the bytes of those beyond count for nothing.
    private static let mostKnown = 1 << 16

    init(process: pid_t, areTheKernels: Bool) {
        self.process = process
        self.areTheKernels = areTheKernels
    }

    static func setFirst() { _ = clinux_limit(0, memory, seconds) }

    private var memory: UInt64 { Self.memory + Self.memoryPerByte * bytesOnDisk }
    private var seconds: UInt64 { Self.seconds + Self.slowness * (bytesOnDisk >> 20) }

    /// What there is too much of.
    func excess(_ use: borrowing WorkerUse) -> Worker.Excess? {
        let (seconds, bytes) = use.now()
        return bytes > memory ? .memory : seconds > self.seconds ? .time : nil
    }

    /// CAP_SYS_RESOURCE is what it takes to set another user's limits.
    static let mayRaiseOthers = clinux_has_capability(24) == 1

    /// A hole counts for nothing, and neither does what a file system packed.
    private static func bytesOnDisk(_ status: stat) -> UInt64 {
        min(UInt64(clamping: status.st_blocks) &* 512, UInt64(clamping: status.st_size))
    }

    /// The worker is given the kernel's symbols, which lie on no disk and are some 12 MB of text.
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

    /// The worker is given a file: what is on disk of it counts, once.
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
