internal import ELFImages
internal import Glibc

/// Limits what all images of a session may use together: a recorded program can create ten thousand links to one file
/// at no cost.
struct LoadingBudget {
    /// Memory of tables in bytes and CPU time in nanoseconds: a base, plus an allowance for each byte on disk.
    static let memory = 160 << 20
    static let memoryPerByte = 2
    static let time: UInt64 = 8_000_000_000
    static let timePerByte: UInt64 = 800

    private var used = 0
    private var usedTime: UInt64 = 0
    private var seen: Set<FileIdentity> = []
    private var onDisk: UInt64 = 0
    private var isTold = false

    var isSpent: Bool {
        let bytes = Int(clamping: onDisk)
        return used > Self.memory &+ bytes &* Self.memoryPerByte || usedTime > Self.time &+ onDisk &* Self.timePerByte
    }

    mutating func take(_ bytes: Int, of files: [FileWeight], time: UInt64) {
        used &+= bytes
        usedTime &+= time
        // Each file's bytes count once, under however many names.
        for file in files where seen.insert(file.identity).inserted {
            onDisk = min(onDisk &+ min(file.bytesOnDisk, 1 << 40), 1 << 50)
        }
    }

    mutating func tell(_ body: () -> Void) {
        guard !isTold else { return }
        isTold = true
        body()
    }

    /// CPU time of this thread, nanoseconds.
    static var now: UInt64 {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
