import Glibc
import TestSupport
import Testing

/// Call sites that cannot be whole: they are marked, never wrong, and why is said.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedTruncatedStackTests {
    private let sites = CallSites()

    /// Without a dump there is the kernel's callchain, which frame pointers end early.
    @Test(arguments: ["joined", "events"]) func withoutADump(recorder: String) throws {
        let options = ["--recorder", recorder, "--stack-size", "0"]
        try sites.record([sites.workload("spawn_loop"), "4"], options: options)
        let fold = try sites.fold()
        let found = CallSites.Site.all(fold)
        #expect(found.map(\.count) == [4] && found[0].spans(["[truncated]"], ["clone3"]), "\(fold.output)")
        #expect(!found[0].frames.contains("main"), "\(fold.output)")
    }

    @Test func withADumpThatIsTooSmall() throws {
        try sites.record(["bash", sites.workload("spawn_loop.sh"), "4"], options: ["--stack-size", "1K"])
        let fold = try sites.fold()
        let found = CallSites.Site.all(fold)
        #expect(found.map(\.count).reduce(0, +) == 4)
        for site in found {
            #expect(site.spans(["[truncated]"], ["make_child", "__libc_fork", "_Fork"]), "\(fold.output)")
        }
        #expect(
            fold.error.hasSuffix(
                ": 4 of 4 stacks are [truncated]: "
                    + "4 beyond the recorded piece of the stack (record with a larger --stack-size)\n"),
            "\(fold.error)")
    }

    /// What a dump holds of the program is in the raw session, which nobody else may read; a packed one has no dumps. The
    /// environment lies above the part of the stack that is in use.
    @Test func dumpsHoldTheEnvironment() throws {
        let token = "token-\(UInt64.random(in: 0 ... .max))"
        let program = try sites.workload("spawn_loop")
        for (options, holdsIt) in [
            (["--recorder", "events", "--no-pack"], true), (["--recorder", "events"], false), (["--no-pack"], false),
            (["--recorder", "events", "--no-pack", "--stack-size", "0"], false),
        ] as [([String], Bool)] {
            let session = sites.session.session
            unlink(session)
            let run = try ProgramRun(
                ["env", "-i", "SECRET=\(token)", PerfPrivileges.program, "record", "-o", session] + options
                    + ["--", program, "2"])
            try #require(run.status == 0, "\(run.error)")
            let held = String(decoding: try InflatedBytes.of(session), as: UTF8.self)
            #expect(held.contains(token) == holdsIt, "\(options)")
            // What the search looks at is more than names of functions.
            #expect(held.contains("/bin/true"), "\(options)")
            var status = stat()
            #expect(stat(session, &status) == 0 && status.st_mode & 0o7777 == 0o600)
        }
    }

    private static let muslSource = """
        #include <spawn.h>
        #include <string.h>
        #include <sys/wait.h>
        #include <unistd.h>
        #define FRAME __attribute__((noipa))
        extern char **environ;
        static char *arguments[] = {"/bin/true", NULL};
        static volatile int sink;
        FRAME static pid_t by_posix_spawn(void) {
            pid_t pid = 0;
            if (posix_spawn(&pid, arguments[0], NULL, NULL, arguments, environ) != 0) _exit(1);
            sink++;
            return pid;
        }
        FRAME static pid_t by_fork(void) {
            pid_t pid = fork();
            if (pid == 0) execv(arguments[0], arguments), _exit(127);
            sink++;
            return pid;
        }
        FRAME static pid_t by_vfork(void) {
            pid_t pid = vfork();
            if (pid == 0) execv(arguments[0], arguments), _exit(127);
            sink++;
            return pid;
        }
        FRAME static void spawner(const char *way) {
            char room[100 + strlen(way)];
            memset(room, way[0], sizeof room);
            pid_t pid = strcmp(way, "fork") == 0 ? by_fork() : strcmp(way, "vfork") == 0 ? by_vfork() : by_posix_spawn();
            waitpid(pid, NULL, 0);
            sink += room[sink & 63];
        }
        int main(int count, char **words) {
            (void)count;
            spawner(words[1]);
            sink++;
            return 0;
        }
        """

    /// Debian's musl has no call frame information: where its own frames cannot be passed the stack ends, and says so. What
    /// stands inside of the mark is what called. Between `main` and the arguments there is nothing but the entry point's call.
    @Test(arguments: ["dynamic", "static", "static without frames"], ["fork", "vfork", "posix_spawn"])
    func musl(build: String, method: String) throws {
        let program = sites.directory + "/musl"
        try Compiler.write(Array(Self.muslSource.utf8), to: program + ".c")
        let flags = [
            "dynamic": [], "static": ["-static"],
            "static without frames": ["-static", "-fno-asynchronous-unwind-tables"],
        ]
        let options = try ["-O2", "-fomit-frame-pointer", "-fno-optimize-sibling-calls"] + #require(flags[build])
        try Compiler.run(["musl-gcc"] + options + ["-o", program, program + ".c"])
        try sites.record([program, method])
        let fold = try sites.fold()
        let found = CallSites.Site.all(fold)
        try #require(found.map(\.count) == [1], "\(fold.output)")
        let own = found[0].frames.filter { ["main", "spawner"].contains($0) || $0.hasPrefix("by_") }
        // vfork holds its return address in a register, so that the program's own frames are reached.
        let path = method != "vfork" ? [] : build.hasSuffix("frames") ? ["by_vfork"] : ["main", "spawner", "by_vfork"]
        #expect(own == path, "\(fold.output)")
        guard path.first != "main" else {
            #expect(found[0].frames.first == "_start" && fold.error == "", "\(fold.output)")
            return
        }
        #expect(found[0].isTruncated, "\(fold.output)")
        #expect(
            fold.error.hasSuffix(": 1 of 1 stack is [truncated]: 1 in code without unwind information\n"),
            "\(fold.error)")
    }

    /// A caller with 0 in rbp, in code that nothing describes: compiled without tables, written in assembler, made as the program ran.
    /// What lies outside of it is not known, and the stack is not whole.
    @Test(arguments: ["compiled", "assembler", "made"])
    func zeroInTheFramePointer(kind: String) throws {
        let program = try Compiler.program(
            """
            #include <spawn.h>
            #include <string.h>
            #include <sys/mman.h>
            #include <sys/wait.h>
            extern char **environ;
            static char *words[] = {"true", 0};
            __attribute__((noipa)) void spawner(void) {
                pid_t child;
                if (posix_spawn(&child, "/bin/true", 0, 0, words, environ) == 0) waitpid(child, 0, 0);
                __asm__ volatile("");
            }
            // push %rbp; xor %ebp, %ebp; sub $16, %rsp; call *%rdi; add $16, %rsp; pop %rbp; ret
            static const unsigned char bytes[] = {0x55, 0x31, 0xed, 0x48, 0x83, 0xec, 16, 0xff, 0xd7, 0x48, 0x83, 0xc4, 16, 0x5d, 0xc3};
            __asm__(".text; assembler: push %rbp; xor %ebp, %ebp; sub $16, %rsp; call *%rdi; add $16, %rsp; pop %rbp; ret");
            void assembler(void (*)(void));
            __attribute__((noipa)) void compiled(int count, int *a, int *b, int *c, int *d, int *e) {
                for (long index = count; index >= 0; index--) {
                    if (a) *a += index;
                    spawner();
                    if (b) *b ^= index;
                    if (c) *c += 3 * index;
                    if (d) *d -= index;
                    if (e) *e |= index;
                }
            }
            int main(int count, char **words) {
                int sums[4] = {0};
                void *place = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                memcpy(place, bytes, sizeof bytes);
                if (strcmp(words[1], "made") == 0) ((void (*)(void (*)(void)))place)(spawner);
                else if (strcmp(words[1], "assembler") == 0) assembler(spawner);
                else compiled(1, sums, sums + 1, sums + 2, sums + 3, 0);
                return sums[0] == 99;
            }
            """, ["-O2"] + (kind == "compiled" ? ["-fno-asynchronous-unwind-tables"] : []), in: sites.directory)
        try sites.record([program, kind])
        let fold = try sites.fold()
        let found = CallSites.Site.all(fold)
        #expect(found.map(\.count).reduce(0, +) == (kind == "compiled" ? 2 : 1), "\(fold.output)")
        for site in found { #expect(site.isTruncated || site.frames.contains("main"), "\(fold.output)") }
    }

    /// The byte 0xe8 of an argument stands five bytes before what an indirect call returns to.
    @Test func aCallBehindAByteOfAnother() throws {
        let program = try Compiler.program(
            """
            #include <spawn.h>
            #include <sys/wait.h>
            extern char **environ;
            static char *words[] = {"true", 0};
            __attribute__((noipa)) void leaf(int number) {
                pid_t child;
                if (posix_spawn(&child, "/bin/true", 0, 0, words, environ) == 0) waitpid(child, 0, 0);
                __asm__ volatile("" ::"r"(number));
            }
            __attribute__((noipa)) void each(void (*f)(int)) {
                f(59392);
                f(59392 << 8);
                f(1);
                __asm__ volatile("");
            }
            int main(void) { each(leaf); return 0; }
            """, ["-O2"], in: sites.directory)
        let found = try sites.whole(3, [program])
        for site in found {
            #expect(site.frames.contains("main") && site.frames.contains("each") && site.frames.contains("leaf"))
        }
    }

    /// Bytes of `.eh_frame` that are overwritten: by one value, at random, or here and there. The program itself never reads
    /// them.
    @Test(arguments: ["ones", "zeros", "random", "here and there"])
    func damagedFrames(damage: String) throws {
        let program = try sites.workload("spawn_loop")
        let header = try ProgramRun("readelf", "--wide", "--section-headers", program)
        let words = try #require(header.lines.first { $0.contains(" .eh_frame ") })
            .split { $0 == " " || $0 == "[" || $0 == "]" }
        let offset = try #require(Int(words[4], radix: 16))
        let size = try #require(Int(words[5], radix: 16))
        try #require(words[1] == ".eh_frame" && size > 100)
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        var bytes = try Compiler.bytes(program)
        for index in offset..<offset + size {
            switch damage {
            case "ones": bytes[index] = 0xFF
            case "zeros": bytes[index] = 0
            case "random": bytes[index] = UInt8(random.next(below: 256))
            default: if random.next(below: 4) == 0 { bytes[index] = UInt8(random.next(below: 256)) }
            }
        }
        try Compiler.write(bytes, to: program)
        for method in ["posix_spawn", "fork"] {
            try sites.record([program, "-m", method, "3"])
            let fold = try sites.fold()
            let found = CallSites.Site.all(fold)
            #expect(found.map(\.count) == [3], "seed \(seed): \(fold.output)")
            #expect(found[0].isTruncated, "seed \(seed): \(fold.output)")
            // No function but those on the way, and none of them twice.
            let own = found[0].frames.filter { $0 == "main" || $0.hasPrefix("by_") || $0.hasPrefix("workload_") }
            let path = ["main", method == "fork" ? "by_fork" : "workload_posix_spawn"]
            #expect(!own.isEmpty && own == path.suffix(own.count), "seed \(seed): \(fold.output)")
            let warnings = fold.error.split(separator: "\n").filter { $0.contains(program) }
            #expect(warnings.count == 1, "seed \(seed): \(fold.error)")
            #expect(
                warnings.first?.hasSuffix(
                    ": \(program): its unwind information is damaged; stacks through it may be truncated") == true,
                "seed \(seed): \(fold.error)")
        }
    }
}
