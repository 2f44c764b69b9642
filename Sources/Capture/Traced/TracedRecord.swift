import ByteAccess
import Glibc
import Session

/// A record as the joined recorder's programs write it (joined.bpf.h), of a stopped thread.
struct TracedRecord {
    private(set) var bytes: [UInt8] = []

    /// `struct head`. `ran`: when the thread's process first ran, in its first record.
    init(_ event: JoinedEvent, process: Int32, thread: Int32, time: UInt64, name: TraceeName, ran: UInt64) {
        bytes.reserveCapacity(512)
        bytes.store(UInt32(event.rawValue))
        // The tracer's CPU would say nothing of the thread's.
        bytes.store(UInt32(0))
        bytes.store(process)
        bytes.store(thread)
        bytes.store(time)
        add(name)
        bytes.store(ran)
    }

    private mutating func add(_ name: TraceeName) {
        bytes.store(name.low)
        bytes.store(name.high)
    }

    /// `struct born`, and the stack behind it. `registers`: struct user_regs_struct, which begins like struct pt_regs.
    mutating func addCreation(
        of child: Int32, flags: UInt64, name: TraceeName, group: UInt64 = 0, registers: [UInt64], stack: TraceeStack
    ) {
        // Entered: not seen.
        bytes.store(UInt64(0))
        bytes.store(flags)
        // The sizes of its page tables and of its memory: not read.
        bytes.store(UInt64(0))
        bytes.store(Int64(-1))
        bytes.store(child)
        bytes.store(UInt32(clamping: stack.bytes.count))
        add(name)
        bytes.store(group)
        bytes.store(UInt32(clamping: stack.skipped))
        bytes.store(UInt32(clamping: stack.outer))
        for index in 0..<Self.registerCount { bytes.store(registers.indices.contains(index) ? registers[index] : 0) }
        bytes += stack.bytes
    }

    private static let registerCount = 34

    /// `struct executed`.
    mutating func addExecution(_ image: TraceeImage, name: TraceeName, file: UInt64, group: UInt64) {
        // Entered: not seen.
        bytes.store(UInt64(0))
        bytes.store(image.argumentBytes)
        bytes.store(image.environmentBytes)
        bytes.store(image.inode)
        bytes.store(image.device)
        let path = image.path + [0]
        addPlace(of: path, at: bytes.count + 4 + 16 + 8 + 8)
        add(name)
        bytes.store(file)
        bytes.store(group)
        bytes += path
    }

    /// Where a string lies in the sample (`PLACE` of joined.bpf.h).
    private mutating func addPlace(of text: [UInt8], at start: Int) {
        bytes.store(UInt32(clamping: text.count) << 16 | UInt32(clamping: start - Self.ranOffset + 8))
    }

    private static let ranOffset = 40

    /// `struct exec_failed`. `path`: `nil` if it could not be read.
    mutating func addFailure(_ result: Int64, directory: Int32, path: [UInt8]?) {
        // Entered: not seen.
        bytes.store(UInt64(0))
        bytes.store(result)
        bytes.store(directory)
        bytes.store(path == nil ? -EFAULT : 0)
        let text = (path ?? []) + [0]
        addPlace(of: text, at: bytes.count + 8)
        bytes.store(UInt32(0))
        bytes += text
    }

    /// `struct waited`: a wait has taken this child, which was seen only later.
    mutating func addReaped(_ child: Int32) {
        bytes.store(UInt64(0))
        bytes.store(Int64(child))
        bytes.store(Int32(0))
        bytes.store(Int32(-1))
        bytes.store(UInt32(0))
        bytes.store(Int32(0))
    }

    /// `struct parent_told`.
    mutating func addTold(_ parent: Int32) {
        bytes.store(parent)
        bytes.store(UInt32(0))
    }

    /// `struct ended`.
    mutating func addEnd(status: UInt32, received: TracedProcess.Signal?, sender: TraceeName?) {
        bytes.store(status)
        bytes.store(received?.number ?? 0)
        bytes.store(received?.code ?? 0)
        bytes.store(received?.sender ?? 0)
        add(sender ?? TraceeName())
    }
}
