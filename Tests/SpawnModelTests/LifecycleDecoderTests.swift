import ByteAccess
import PerfRecords
import SpawnModel
import Testing

@Suite struct LifecycleDecoderTests {
    private static func format(_ system: String, _ name: String, _ fields: String) throws -> TracepointFormat {
        try #require(
            TracepointFormat(system: system, text: "name: \(name)\nID: 5\nformat:\n\(fields)\nprint fmt: \"\""))
    }

    /// A sample whose raw bytes are all of `raw`, thread 9 of process 8 at time 7.
    private static func decode(_ format: TracepointFormat, _ raw: [UInt8]) -> LifecycleEvent? {
        let decoder = LifecycleDecoder(tracepoints: [nil, format])
        let sample = RawSample(pid: 8, tid: 9, time: 7, raw: 0..<raw.count)
        let span = raw.span.bytes
        return decoder.decode(sample, event: 1, in: span)
    }

    @Test func newTask() throws {
        let format = try Self.format(
            "task", "task_newtask",
            """
            \tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;
            \tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;
            \tfield:u64 clone_flags;\toffset:32;\tsize:8;\tsigned:0;
            """)
        var raw = [UInt8](repeating: 0, count: 40)
        raw.store(Int32(77), at: 8)
        raw.store(UInt64(0x4111), at: 32)
        let expected = LifecycleEvent(.created(child: 77, cloneFlags: 0x4111), process: 8, thread: 9, time: 7)
        #expect(Self.decode(format, raw) == expected)
        #expect(Self.decode(format, Array(raw[..<36])) == nil)
        let decoder = LifecycleDecoder(tracepoints: [nil, format])
        #expect(decoder.hasCreations)
        #expect(!decoder.isMeaningful(event: 0))
        #expect(decoder.isMeaningful(event: 1))
        #expect(!decoder.isMeaningful(event: 2))
    }

    @Test func execWithItsPath() throws {
        let format = try Self.format(
            "sched", "sched_process_exec",
            """
            \tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
            \tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;
            \tfield:pid_t old_pid;\toffset:16;\tsize:4;\tsigned:1;
            """)
        var raw = [UInt8](repeating: 0, count: 20)
        raw.store(UInt32(10 << 16 | 20), at: 8)
        raw.store(Int32(3), at: 16)
        raw += Array("/bin/true".utf8) + [0]
        #expect(Self.decode(format, raw)?.kind == .executed(path: "/bin/true", oldThread: 3))
        // A location behind the raw bytes.
        raw.store(UInt32(11 << 16 | 20), at: 8)
        #expect(Self.decode(format, raw) == nil)
    }

    /// SI_USER, SI_QUEUE and SI_TKILL are of who calls; SI_KERNEL, faults, SI_TIMER and SI_ASYNCIO come in anybody's time.
    @Test(arguments: [0: false, -1: false, -6: false, 0x80: true, 1: true, -2: true, -4: true])
    func whoSentASignal(code: Int, isKernels: Bool) throws {
        let names = ["sig", "errno", "code"].enumerated().map {
            "\tfield:int \($1);\toffset:\(8 + 4 * $0);\tsize:4;\tsigned:1;"
        }
        let format = try Self.format(
            "signal", "signal_generate",
            names.joined(separator: "\n")
                + "\n\tfield:char comm[16];\toffset:20;\tsize:16;\tsigned:0;\n\tfield:pid_t pid;\toffset:36;\tsize:4;\tsigned:1;"
                + "\n\tfield:int group;\toffset:40;\tsize:4;\tsigned:1;\n\tfield:int result;\toffset:44;\tsize:4;\tsigned:1;"
        )
        var raw = [UInt8](repeating: 0, count: 48)
        raw.store(Int32(14), at: 8)
        raw.store(Int32(truncatingIfNeeded: code), at: 16)
        raw.store(Int32(77), at: 36)
        #expect(Self.decode(format, raw)?.kind == .signalSent(14, toThread: 77, isKernels: isKernels))
    }

    /// The fields of a tracepoint have the first namespace's pids, the sample those of the recorder's.
    @Test func aRecorderInAPIDNamespace() throws {
        let common = "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
        let creation = try Self.format(
            "task", "task_newtask",
            common
                + "\tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;\n\tfield:u64 clone_flags;\toffset:16;\tsize:8;\tsigned:0;"
        )
        let exec = try Self.format(
            "sched", "sched_process_exec",
            common + "\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
                + "\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n\tfield:pid_t old_pid;\toffset:16;\tsize:4;\tsigned:1;"
        )
        let decoder = LifecycleDecoder(tracepoints: [creation, exec])
        func kind(_ event: Int, common: Int32, _ words: [UInt32], pid: Int32 = 8, lastChild: Int32?) -> LifecycleEvent
            .Kind?
        {
            var raw: [UInt8] = [0, 0, 0, 0]
            raw.store(common)
            for word in words { raw.store(word) }
            raw += [0x78, 0, 0, 0]
            let sample = RawSample(pid: pid, tid: 9, raw: 0..<raw.count)
            return decoder.decode(sample, event: event, in: raw.span.bytes, lastChild: lastChild)?.kind
        }
        let created: [UInt32] = [1077, 0, 17, 0]
        #expect(kind(0, common: 1009, created, lastChild: 77) == .created(child: 77, cloneFlags: 17))
        #expect(kind(0, common: 1009, created, lastChild: nil) == nil)
        #expect(kind(0, common: 9, created, lastChild: 77) == .created(child: 1077, cloneFlags: 17))
        // A task outside the recorder's namespace.
        #expect(kind(0, common: 1009, created, pid: 0, lastChild: 77) == nil)
        #expect(kind(0, common: 1009, created, pid: -1, lastChild: 77) == nil)
        let name = UInt32(2 << 16 | 20)
        #expect(kind(1, common: 1009, [name, 1009, 1009], lastChild: nil) == .executed(path: "x", oldThread: 9))
        #expect(kind(1, common: 1009, [name, 1009, 1010], lastChild: nil) == .executed(path: "x", oldThread: 0))
        #expect(kind(1, common: 9, [name, 9, 10], lastChild: nil) == .executed(path: "x", oldThread: 10))
    }

    @Test func exitOnKernelsThatTellTheLastThreadAndOthers() throws {
        let older = try Self.format(
            "sched", "sched_process_exit", "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;")
        #expect(!LifecycleDecoder(tracepoints: [older]).evidence.tellsLastThread)
        #expect(Self.decode(older, [UInt8](repeating: 0, count: 32))?.kind == .threadExited(isGroupDead: nil))
        let newer = try Self.format(
            "sched", "sched_process_exit", "\tfield:bool group_dead;\toffset:28;\tsize:1;\tsigned:0;")
        #expect(LifecycleDecoder(tracepoints: [newer]).evidence.tellsLastThread)
        var raw = [UInt8](repeating: 0, count: 32)
        raw[28] = 1
        #expect(Self.decode(newer, raw)?.kind == .threadExited(isGroupDead: true))
    }

    @Test func systemCallReturnsAreSigned() throws {
        let field = "\tfield:long ret;\toffset:16;\tsize:8;\tsigned:1;"
        var raw = [UInt8](repeating: 0, count: 24)
        raw.store(Int64(-2), at: 16)
        let attempt = try Self.format("syscalls", "sys_exit_execveat", field)
        #expect(Self.decode(attempt, raw)?.kind == .attemptEnded(result: -2))
        let creation = try Self.format("syscalls", "sys_exit_clone3", field)
        #expect(Self.decode(creation, raw)?.kind == .creationReturned(result: -2))
    }

    /// AT_EMPTY_PATH and AT_EXECVE_CHECK.
    @Test func aCheckIsNoAttempt() throws {
        let format = try Self.format(
            "syscalls", "sys_enter_execveat", "\tfield:int flags;\toffset:16;\tsize:8;\tsigned:0;\n")
        func kind(_ flags: UInt8, _ check: UInt8) -> LifecycleEvent.Kind? {
            Self.decode(format, [UInt8](repeating: 0, count: 16) + [0, flags, check, 0, 0, 0, 0, 0])?.kind
        }
        #expect(kind(0x10, 0) == .attemptBegan() && kind(0, 0) == .attemptBegan())
        #expect(kind(0x10, 1) == .checkBegan && kind(0, 1) == .checkBegan)
    }

    @Test func exitCodesAreTheLowByte() throws {
        let format = try Self.format(
            "syscalls", "sys_enter_exit_group", "\tfield:int error_code;\toffset:16;\tsize:8;\tsigned:0;")
        var raw = [UInt8](repeating: 0, count: 24)
        raw.store(Int64(0x1ff), at: 16)
        #expect(Self.decode(format, raw)?.kind == .exitRequested(code: 255, isGroup: true))
    }
}
