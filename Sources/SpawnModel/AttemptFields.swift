internal import ByteAccess
internal import PerfRecords
internal import Session

/// The fields of `syscalls:sys_enter_execve` and `sys_enter_execveat`.
struct AttemptFields {
    let flags: TracepointFormat.Field.Place?
    private let directory: TracepointFormat.Field.Place?
    /// The string that `filename` points to, which newer kernels (7.2) copy into the event (trace_syscalls.c).
    private let copiedName: TracepointFormat.Field.Place?

    /// What the kernel puts behind a copy that it cut.
    private static let kernelCutMark = "..."

    init(_ format: TracepointFormat) {
        flags = format.place(of: "flags")
        directory = format.place(of: "fd")
        copiedName = format.place(of: "__filename_val")
    }

    /// The path as `ProgramOutput.FailedExec` has it; `nil` if the kernel does not copy it or could not read it. The kernel replaces bytes
    /// that it takes for unprintable by dots. Where that broke a character of UTF-8, the copy is not used.
    func path(in record: borrowing RawSpan, raw: Range<Int>) -> String? {
        // An empty copy is one of nothing, too.
        guard let copiedName, let text = copiedName.text(in: record, raw: raw), !text.isEmpty else { return nil }
        var name = record.string(in: text)
        guard !name.unicodeScalars.contains("\u{FFFD}") else { return nil }
        if name.hasSuffix(Self.kernelCutMark) {
            name = name.dropLast(Self.kernelCutMark.count) + ProgramOutput.FailedExec.cutMark
        }
        let number = directory?.integer(in: record, raw: raw).map { Int32(truncatingIfNeeded: $0) }
        return ProgramOutput.FailedExec.shown(name, in: number ?? ProgramOutput.FailedExec.workingDirectory)
    }
}
