/// The events of the joined recorder: its own tracepoints, whose samples it writes itself. Several borders of a
/// process's life share a sample, each with its own time.
///
/// The raw bytes of a sample are eight bytes that every tracepoint has, then `ran`, then the event's own fields. The
/// kernel's side has them in joined.bpf.h. Times are by CLOCK_MONOTONIC in nanoseconds; 0 is unknown.
package enum JoinedEvent: Int, CaseIterable, Hashable, Sendable {
    /// A process has been created: fires in its creator, with the creator's registers and the live part of its stack.
    case spawn = 1
    /// A creating call has returned in the creator, or has failed.
    case creationReturn
    /// An exec attempt failed, or its thread ended inside it.
    case execFailed
    /// `sched_process_exec`: an attempt succeeded.
    case exec
    /// A successful attempt returned to user mode.
    case execReturn
    /// The last thread of a process ended.
    case exit
    /// A wait4 or waitid returned.
    case wait
    /// An ending process told its parent, or the new parent of a zombie that it leaves.
    case parentTold
    /// An io_uring was created.
    case ring
    /// A process has run, and creates its first thread.
    case firstRun
    /// What of a creator's stack found no room in the sample of `spawn`, which follows at the same time: the bytes from
    /// `address` on.
    case stack
    /// An exec call was entered; only beside other events, which are then in the right part of a process's life.
    case attempt
    /// A process that has executed nothing yet goes on unwatched: exec attempts of it that fail are not told any more. Only of
    /// the recorder traced.
    case attemptsUnseen

    package static let system = "spawnscope"

    /// A field of a sample's raw bytes.
    package enum Field: String, CaseIterable, Hashable, Sendable {
        /// When the process first ran; in its first sample only.
        case ran
        /// When the creating or executing call was entered.
        case entered
        case flags, tables, resident, child, comm
        case result, threads
        case directory, error, path
        case arguments, environment, inode, device, file
        /// As wait(2) shows it.
        case code
        case signal
        case signalCode = "signal_code"
        case sender
        case senderComm = "sender_comm"
        /// When the wait began.
        case began
        case awaited, which, options, reaped
        case target
        case address, bytes
        /// The id of a control group of the unified hierarchy: the child's when it was created, the program's when it was
        /// executed. A CGROUP record has its path. Sessions of older versions do not have this field.
        case group
        case unused
    }

    private enum Kind {
        case u32, s32, u64, s64, comm, string, bytes

        var size: Int {
            switch self {
            case .u32, .s32, .string, .bytes: 4
            case .u64, .s64: 8
            case .comm: 16
            }
        }

        func declaration(_ name: String) -> String {
            switch self {
            case .u32: "u32 \(name)"
            case .s32: "s32 \(name)"
            case .u64: "u64 \(name)"
            case .s64: "s64 \(name)"
            case .comm: "char \(name)[16]"
            case .string: "__data_loc char[] \(name)"
            case .bytes: "__data_loc u8[] \(name)"
            }
        }

        var isSigned: Bool { self == .s32 || self == .s64 }
    }

    /// The fields from byte 8 of the raw bytes on, without gaps.
    private var fields: [(name: Field, kind: Kind)] {
        let own: [(Field, Kind)] =
            switch self {
            case .spawn:
                [
                    (.entered, .u64), (.flags, .u64), (.tables, .u64), (.resident, .s64), (.child, .s32),
                    (.unused, .u32), (.comm, .comm), (.group, .u64),
                ]
            case .creationReturn: [(.entered, .u64), (.result, .s64), (.threads, .u32), (.unused, .u32)]
            case .execFailed:
                [
                    (.entered, .u64), (.result, .s64), (.directory, .s32), (.error, .s32), (.path, .string),
                    (.unused, .u32),
                ]
            case .exec:
                [
                    (.entered, .u64), (.arguments, .u64), (.environment, .u64), (.inode, .u64), (.device, .u32),
                    (.path, .string), (.comm, .comm), (.file, .string), (.unused, .u32), (.group, .u64),
                ]
            case .execReturn, .ring, .firstRun, .attempt, .attemptsUnseen: []
            case .exit:
                [(.code, .u32), (.signal, .s32), (.signalCode, .s32), (.sender, .s32), (.senderComm, .comm)]
            case .wait:
                [
                    (.began, .u64), (.result, .s64), (.awaited, .s32), (.which, .s32), (.options, .u32),
                    (.reaped, .s32),
                ]
            case .parentTold: [(.target, .s32), (.unused, .u32)]
            case .stack: [(.address, .u64), (.bytes, .bytes), (.unused, .u32)]
            }
        return [(.ran, .u64)] + own
    }

    /// Bytes of the raw bytes that are the same for all samples: common ones and fields.
    package static let commonSize = 8
    package var size: Int { fields.reduce(Self.commonSize) { $0 + $1.kind.size } }

    /// `perf_event_attr.config` and `common_type`: above every number that kernels give to their own tracepoints first.
    package var id: Int { 64_000 + rawValue }

    package var name: String {
        switch self {
        case .spawn: "spawn"
        case .creationReturn: "creation_return"
        case .execFailed: "exec_failed"
        case .exec: "exec"
        case .execReturn: "exec_return"
        case .exit: "exit"
        case .wait: "wait"
        case .parentTold: "parent_told"
        case .ring: "io_uring"
        case .firstRun: "first_run"
        case .stack: "stack"
        case .attempt: "exec_attempt"
        case .attemptsUnseen: "attempts_unseen"
        }
    }

    package var qualifiedName: String { "\(Self.system):\(name)" }

    package init?(qualifiedName: String) {
        guard let event = Self.allCases.first(where: { $0.qualifiedName == qualifiedName }) else { return nil }
        self = event
    }

    /// The `format` file that tracefs would have.
    package var format: String {
        var text = "name: \(name)\nID: \(id)\nformat:\n"
        var offset = 0
        func add(_ declaration: String, _ size: Int, _ isSigned: Bool) {
            text += "\tfield:\(declaration);\toffset:\(offset);\tsize:\(size);\tsigned:\(isSigned ? 1 : 0);\n"
            offset += size
        }
        add("unsigned short common_type", 2, false)
        add("unsigned char common_flags", 1, false)
        add("unsigned char common_preempt_count", 1, false)
        add("int common_pid", 4, true)
        text += "\n"
        for (name, kind) in fields { add(kind.declaration(name.rawValue), kind.size, kind.isSigned) }
        return text + "\nprint fmt: \(sentence)\n"
    }

    /// How perf script and others print a sample.
    private var sentence: String {
        switch self {
        case .spawn: #""creates %d", REC->child"#
        case .creationReturn: #""creation returned %lld", REC->result"#
        case .execFailed: #""exec of %s failed: %lld", __get_str(path), REC->result"#
        case .exec: #""executes %s", __get_str(path)"#
        case .execReturn: #""exec returned""#
        case .exit: #""ends with status %d, signal %d", (REC->code >> 8) & 255, REC->code & 127"#
        case .wait: #""wait for %d returned %lld", REC->awaited, REC->result"#
        case .parentTold: #""tells %d that a child ended", REC->target"#
        case .ring: #""creates an io_uring""#
        case .firstRun: #""ran""#
        case .stack: #""more of the stack, from 0x%llx on", REC->address"#
        case .attempt: #""tries to execute""#
        case .attemptsUnseen: #""goes on unwatched""#
        }
    }
}
