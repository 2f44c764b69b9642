import Glibc
import PerfData
import PerfRecords
import Session
import TestSupport
import Testing

/// What the recorder's programs tell of real programs, beside what strace and perf see.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct BPFRecordTests {
    private let directory = SessionDirectory()

    /// Fails to execute in every way; prints the pid of the child that does.
    private static let failures = """
        import ctypes, mmap, os, tempfile
        libc = ctypes.CDLL(None, use_errno=True)
        argv, envp = (ctypes.c_char_p * 2)(b"x", None), (ctypes.c_char_p * 1)(None)
        child = os.fork()
        if child == 0:
            os.environ["PATH"] = "/nosuch/a:/nosuch/b:/etc/passwd:/usr:/nosuch/e"
            libc.execvp(b"share", argv)
            usr = os.open("/usr", os.O_RDONLY | os.O_DIRECTORY)
            at = lambda fd, name, flags=0: libc.syscall(322, fd, name, argv, envp, flags)
            at(usr, b"nosuch"), at(usr, b"", 0x1000), at(usr, b""), at(99, b"nosuch"), at(-100, b"nosuch/relative")
            at(99, b"/nosuch/absolute")
            for size in (254, 255, 256, 257, 262, 263, 264, 4000, 5000):
                libc.execve(b"/" + b"a" * (size - 1), argv, envp)
            libc.execve(b"", argv, envp), libc.execve(ctypes.c_void_p(8), argv, envp), libc.execve(None, argv, envp)
            libc.execve(b"/nosuch/\\xff;\\n\\x1b[1m", argv, envp)
            # A string in a mapping that no access has made resident.
            file = tempfile.TemporaryFile()
            file.write(b"\\0" * 8190 + b"/nosuch/over/a/page" + b"\\0" * 8192)
            file.flush()
            libc.mmap.restype = ctypes.c_void_p
            start = libc.mmap(None, 16384, mmap.PROT_READ, mmap.MAP_PRIVATE, file.fileno(), ctypes.c_long(0))
            libc.execve(ctypes.c_void_p(start + 8190), argv, envp)
            os._exit(0)
        os.waitpid(child, 0)
        print(child)
        """
    private static let attempts = 25

    /// The samples of one output, of one process.
    private func samples<Value>(
        of output: ProgramOutput, pid: Int32, _ decode: (borrowing RawSpan, Range<Int>) -> Value?
    ) throws -> [Value] {
        let file = try PerfDataFile(path: directory.session)
        var values: [Value] = []
        file.forEachRecord { record, position in
            let event = file.events[position.event]
            guard position.header.type == .sample, event.name == output.rawValue,
                let sample = try? Sample(decoding: record, layout: event.layout), sample.pid == pid,
                let value = decode(record, sample.raw)
            else { return }
            values.append(value)
        }
        return values
    }

    private func failures(of pid: Int32) throws -> [String] {
        try samples(of: .failedExec, pid: pid) { record, raw in
            ProgramOutput.FailedExec(in: record, raw: raw).map { Self.line($0.path, "\($0.errno)") }
        }
    }

    private static func line(_ path: String?, _ errno: String) -> String { "\(errno) \(path ?? "unreadable")" }

    private static let errnos = [
        "ENOENT": 2, "EBADF": 9, "EACCES": 13, "EFAULT": 14, "ENOTDIR": 20, "ENAMETOOLONG": 36,
    ]

    /// A failed call as `strace -xx` writes it, in the same words.
    private static func line(strace line: Substring) -> String? {
        guard let result = line.firstRange(of: " = -1 "), let open = line.firstIndex(of: "(") else { return nil }
        let errno = line[result.upperBound...].prefix { $0 != " " }
        var arguments = line[line.index(after: open)...].split(separator: ", ", maxSplits: 2)
        var directory = "AT_FDCWD"
        if line[..<open].hasSuffix("execveat") { directory = String(arguments.removeFirst()) }
        let number = errnos[String(errno)].map { "\($0)" } ?? String(errno)
        guard let name = arguments.first, name.hasPrefix("\"") else { return Self.line(nil, number) }
        let bytes = name.split(separator: "\"", omittingEmptySubsequences: false)[1].split(separator: "\\x")
        var path = String(decoding: bytes.prefix(256).compactMap { UInt8($0, radix: 16) }, as: UTF8.self)
        if bytes.count > 256 { path += "[...]" }
        if directory != "AT_FDCWD", !path.hasPrefix("/") {
            path = path.isEmpty ? "/dev/fd/\(directory)" : "/dev/fd/\(directory)/\(path)"
        }
        return Self.line(path, number)
    }

    @Test func failedAttemptsAreStraces() throws {
        let run = try directory.record("--recorder", "events", "--", "/usr/bin/python3", "-c", Self.failures)
        #expect(run.status == 0 && !run.error.contains("recorded without"))
        let seen = try failures(of: try #require(run.lines.last.flatMap { Int32($0) }))

        let log = directory.path + "/s.data.old"
        let traced = try ProgramRun(
            "strace", "-f", "-xx", "-s", "6000", "-e", "trace=execve,execveat", "-e", "signal=none", "-o", log,
            "/usr/bin/python3", "-c", Self.failures)
        let child = try #require(traced.lines.last)
        let expected = try ProgramRun("cat", log).lines.filter { $0.hasPrefix(child + " ") }
            .compactMap(Self.line(strace:))
        #expect(seen.count == Self.attempts && seen == expected)
        #expect(run.error.contains("\(Self.attempts) failed attempts: 6 ENAMETOOLONG /aaaa"))
    }

    /// A program that returned 0 would take these samples from every perf user.
    @Test(arguments: [true, false]) func perfBesideSeesAll(outside: Bool) throws {
        let theirs = directory.path + "/s.data.old"
        let perf = [
            "perf", "record", "-q", "-a", "-e", "syscalls:sys_exit_execve,syscalls:sys_enter_waitid", "-o", theirs,
        ]
        let ours = [PerfPrivileges.program, "record", "--recorder", "events", "-o", directory.session]
        let workload = ["/usr/bin/python3", "-c", Self.failures]
        let wrapped = outside ? perf + ["--"] + ours + ["--"] + workload : ours + ["--"] + perf + ["--"] + workload
        let run = try ProgramRun(wrapped)
        let child = try #require(run.lines.last)
        #expect(run.status == 0)
        let script = try ProgramRun("perf", "script", "-i", theirs, "-F", "pid,event,trace")
        let theirLines = script.lines.filter {
            $0.split(separator: " ").first == child && $0.contains("sys_exit_execve:")
        }
        // Six attempts went through execveat.
        #expect(theirLines.count == Self.attempts - 6)
        #expect(try failures(of: try #require(Int32(child))).count == Self.attempts)
    }

    @Test func whoWasReaped() throws {
        let program = """
            import os, signal
            def start(): return os.fork() or os._exit(0)
            any, group = start(), start()
            first = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT).si_pid
            order = [os.waitid(os.P_ALL, 0, os.WEXITED).si_pid, os.waitid(os.P_PGID, os.getpgrp(), os.WEXITED).si_pid]
            sleeper = os.fork()
            if sleeper == 0:
                signal.pause()
                os._exit(0)
            assert os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG) is None
            os.kill(sleeper, signal.SIGSTOP)
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WSTOPPED)
            os.kill(sleeper, signal.SIGKILL)
            order.append(os.waitid(os.P_ALL, 0, os.WEXITED).si_pid)
            os.waitid(os.P_PID, start(), os.WEXITED)
            print(os.getpid(), *order)
            """
        let run = try directory.record("--recorder", "events", "--", "/usr/bin/python3", "-c", program)
        #expect(run.status == 0)
        let numbers = run.output.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
        let seen = try samples(of: .reaped, pid: try #require(numbers.first)) { record, raw in
            ProgramOutput.reapedChild(in: record, raw: raw)
        }
        #expect(numbers.count == 4 && seen == Array(numbers.dropFirst()))
    }

    @Test func withoutTheRight() throws {
        let rights = "-bpf,-sys_admin"
        let start = ["setpriv", "--bounding-set", rights, "--inh-caps", rights, PerfPrivileges.program]
        let run = try ProgramRun(
            start + ["record", "-o", directory.session, "--", "/usr/bin/python3", "-c", Self.failures])
        #expect(run.status == 0)
        #expect(run.error.contains("recorded without the paths of failed exec attempts: BPF programs need CAP_BPF"))
        #expect(run.error.contains("recorded without whom a waitid for any child reaped"))
        #expect(run.error.contains(", \(Self.attempts) failed attempts") && !run.error.contains("failed attempts: "))
        let events = try PerfDataFile(path: directory.session).events.map(\.name)
        #expect(!events.contains { $0.hasPrefix("spawnscope:") } && events.contains("syscalls:sys_exit_execve"))
        let doctor = try ProgramRun(start + ["doctor"])
        #expect(doctor.status == 0 && doctor.output.contains("limited  bpf: recorded without the paths"))
        #expect(doctor.output.contains("-> sudo spawnscope record -u \"$USER\" -- COMMAND"))
    }

    @Test func withoutSystemCallsSizesAreTold() throws {
        let run = try directory.record("--no-syscalls", "--", "true")
        #expect(run.status == 0 && !run.error.contains("recorded without"))
        let outputs = try PerfDataFile(path: directory.session).events.map(\.name).filter {
            $0.hasPrefix("spawnscope:")
        }
        #expect(outputs == ["spawnscope:image_sizes", "spawnscope:spawner_size"])
    }

    /// Beside what the program itself knows and reads in /proc of itself.
    @Test func sizesAreThoseOfTheProgram() throws {
        let script = """
            import os
            size = lambda name: next(int(l.split()[1]) * 1024 for l in open("/proc/self/status") if l.startswith(name))
            ballast = b"x" * (64 << 20)
            before = size("VmPTE:"), size("VmRSS:")
            child = os.fork()
            if child == 0: os.execve("/bin/true", ["true", "a" * 1000, ""], {"NAME": "v" * 500, "E": ""})
            os.waitpid(child, 0)
            print(os.getpid(), child, *before)
            """
        let run = try directory.record("--recorder", "events", "--", "/usr/bin/python3", "-c", script)
        let numbers = run.output.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
        #expect(run.status == 0 && numbers.count == 4)
        guard numbers.count == 4 else { return }
        let image = try samples(of: .imageSizes, pid: numbers[1]) { ProgramOutput.ImageSizes(in: $0, raw: $1) }
        #expect(image == [ProgramOutput.ImageSizes(arguments: 5 + 1001 + 1, environment: 5 + 501 + 3)])
        let spawners = try samples(of: .spawnerSize, pid: numbers[0]) { ProgramOutput.SpawnerSize(in: $0, raw: $1) }
        let size = try #require(spawners.first)
        #expect(spawners.count == 1 && size.pageTables >= UInt64(numbers[2]))
        #expect(size.pageTables <= UInt64(numbers[2]) + 65536)
        // To within the pages that the kernel has not added up yet.
        let difference = Int64(try #require(size.resident)) - Int64(numbers[3])
        #expect(abs(difference) < 8 << 20, "\(difference)")
    }

    @Test func perfReadsTheSession() throws {
        #expect(try directory.record("--recorder", "events", "--", "/usr/bin/python3", "-c", Self.failures).status == 0)
        for arguments in [["script"], ["evlist", "-v"], ["report", "--stdio"]] {
            let perf = try ProgramRun(["perf"] + arguments + ["-i", directory.session])
            #expect(perf.status == 0 && perf.error == "", "perf \(arguments)")
            #expect(perf.output.contains("spawnscope:failed_exec"))
        }
    }
}
