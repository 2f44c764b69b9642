import Glibc
import TestSupport
import Testing

/// Machines that refuse something, as far as root can pretend to be on one: each is told in one line that says what to do.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct RefusalTests {
    private let directory = SessionDirectory()

    /// `record -- true` behind a program that takes something away; nothing may run and nothing may be left.
    private func refusal(_ wrapper: String...) throws -> String { try refusal(wrapper, []) }

    private func refusal(_ wrapper: [String], _ options: [String]) throws -> String {
        let record = [PerfPrivileges.program, "record", "-o", directory.session]
        let run = try ProgramRun(wrapper + record + options + ["--", "echo", "ran"])
        #expect(run.status == 125 && run.output == "")
        #expect(run.error.split(separator: "\n").count == 1 && run.error.hasPrefix("spawnscope: "))
        #expect(access(directory.session, F_OK) != 0)
        return run.error
    }

    @Test func nobody() throws {
        let error = try refusal(["setpriv", "--reuid", "65534", "--clear-groups"], ["--recorder", "events"])
        #expect(error.contains("kernel.perf_event_paranoid is ") && error.contains("run it by sudo, with -u"))
    }

    @Test func tracefsNotMounted() throws {
        let error = try refusal(
            "unshare", "-m", "sh", "-c", "umount -a -t debugfs; umount -a -t tracefs; exec \"$@\"", "x")
        #expect(error.contains("mount -t tracefs nodev /sys/kernel/tracing"))
    }

    /// Everything is read from it before the command runs: what happens to it later is of no consequence.
    @Test func tracefsUnmountedMeanwhile() throws {
        let script = """
            for i in 1 2 3; do /bin/true; done; umount -a -t debugfs; umount -a -t tracefs
            test ! -e /sys/kernel/tracing/events/header_page || exit 9; for i in 4 5 6; do /bin/true; done; exit 4
            """
        let run = try ProgramRun(
            "unshare", "-m", PerfPrivileges.program, "record", "-o", directory.session, "--", "sh", "-c", script)
        #expect(run.status == 4)
        #expect(run.error.contains("8 spawns in ") && run.error.contains("8 executed"), "\(run.error)")
        #expect(run.error.contains("0 lost of ") && !run.error.contains("stopped early"))
        let fold = try ProgramRun(PerfPrivileges.program, "fold", "--frames", "program", directory.session)
        #expect(fold.status == 0 && fold.error == "" && fold.lines.contains("/bin/true 6"))
        let perf = try ProgramRun("perf", "script", "-i", directory.session)
        #expect(perf.status == 0 && perf.error == "" && perf.output.contains("executes /bin/true"))
    }

    /// Without the right to exceed them, root has limits like everyone.
    private func limitedRefusal(
        _ limit: String, without capability: String, _ options: String...
    ) throws -> String {
        try refusal(
            ["sh", "-c", "ulimit \(limit); exec setpriv --bounding-set=-\(capability) \"$@\"", "sh"], options)
    }

    @Test func tooFewDescriptors() throws {
        let error = try limitedRefusal("-n 40", without: "sys_resource")
        #expect(error.contains(" descriptors are needed and 40 allowed: raise the limit with ulimit -n "))
    }

    @Test func tooLittleLockedMemory() throws {
        let error = try limitedRefusal("-l 64", without: "ipc_lock", "--recorder", "events", "--ring-size", "64M")
        #expect(error.contains("ring buffers of 67108864 bytes a CPU exceed the locked-memory limit"))
        #expect(error.contains("(--ring-size 256K)"))
    }

    /// Rings of the size that suits dumps are a wish; those that are asked for are not.
    @Test func smallerRingsWhereNoMoreMayBeLocked() throws {
        func ringSize(_ limit: String) throws -> String {
            let run = try ProgramRun(
                "sh", "-c", "ulimit -l \(limit); exec setpriv --bounding-set=-ipc_lock \"$@\"", "sh",
                PerfPrivileges.program, "record", "--recorder", "events", "-o", directory.session, "--", "true")
            #expect(run.status == 0 && run.error.contains("0 lost of "), "\(run.error)")
            return try ProgramRun("grep", "-ao", "\"ring_size\":[0-9]*", directory.session).output
        }
        // Each CPU may lock 516 KiB besides (kernel.perf_event_mlock_kb).
        #expect(try ringSize("$(($(nproc) * 5000))") == "\"ring_size\":4194304\n")
        let most = try ringSize("unlimited")
        #expect(["4194304", "8388608", "16777216"].contains { most == "\"ring_size\":\($0)\n" })
    }

    /// A seccomp filter as containers have it, set up by prctl(2) before the program starts.
    private static let filter = """
        import ctypes, os, struct, sys
        number = 298 if os.uname().machine == "x86_64" else 241
        code = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x50000 | int(sys.argv[1])), (6, 0, 0, 0x7fff0000)]
        program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in code))
        header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(program)))
        libc = ctypes.CDLL(None)
        assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, header) == 0
        os.execv(sys.argv[2], sys.argv[2:])
        """

    @Test func seccomp() throws {
        let denied = try refusal(["python3", "-c", Self.filter, "\(EPERM)"], ["--recorder", "events"])
        #expect(denied.contains("in spite of CAP_PERFMON") && denied.contains("seccomp profile"))
        let absent = try refusal(["python3", "-c", Self.filter, "\(ENOSYS)"], ["--recorder", "events"])
        #expect(absent.contains("perf_event_open is not there (ENOSYS)"))
    }

    @Test func aFullDisk() throws {
        // The session is in a file system that nobody else sees.
        let mount = """
            mount -t tmpfs -o size="$1" tmpfs "$2"; cd "$2"; shift 2; "$@"; s=$?
            test ! -e s.data || perf script -i s.data >/dev/null || exit 90; exit $s
            """
        let small = try ProgramRun(
            "unshare", "-m", "sh", "-c", mount, "x", "4k", directory.path, PerfPrivileges.program, "record", "-o",
            directory.session, "--", "echo", "ran")
        #expect(small.status == 125 && small.output == "")
        #expect(small.error.split(separator: "\n").count == 1)
        #expect(small.error.contains("No space left on device: free space there, or name a file elsewhere with -o"))
        let loop = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done; echo done"
        let later = try ProgramRun(
            "unshare", "-m", "sh", "-c", mount, "x", "200k", directory.path, PerfPrivileges.program, "record", "-o",
            directory.session, "--ring-size", "16K", "--", "sh", "-c", loop)
        #expect(later.status == 0 && later.output == "done\n")
        #expect(later.error.contains("recording stopped early, the session holds what came before"))
        #expect(!later.error.contains("does not say how it ended"))
    }
}
