import Glibc
import TestSupport
import Testing

/// Spawns from code that a process made as it ran, named by the files that it wrote.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedJITTests {
    private let directory = SessionDirectory()

    /// Spawns from made code: twice from the same place, 'first' and then 'second', where `argv[1]` is dump; once from 'made' where it
    /// is map, and where it is bare, from code that keeps no frame pointer.
    private static let source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <unistd.h>
        static int dump = -1;
        static void put(const void *bytes, size_t size) { if (write(dump, bytes, size) != (ssize_t)size) _exit(3); }
        static uint64_t now(void) {
            struct timespec t;
            clock_gettime(CLOCK_MONOTONIC, &t);
            return t.tv_sec * 1000000000ull + t.tv_nsec;
        }
        static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3}; // push, mov, call *rdi, pop, ret
        static const unsigned char bare[] = {0x48, 0x83, 0xec, 8, 0xff, 0xd7, 0x48, 0x83, 0xc4, 8, 0xc3}; // sub, call *rdi, add, ret
        static void load(const char *name, void *place) {
            uint32_t ids[2] = {0, 56 + strlen(name) + 1 + sizeof code};
            uint64_t rest[] = {now(), getpid() | (uint64_t)getpid() << 32, (uint64_t)place, (uint64_t)place, sizeof code, 1};
            put(ids, sizeof ids), put(rest, sizeof rest), put(name, strlen(name) + 1), put(code, sizeof code);
        }
        __attribute__((noinline)) static void spawn(void) {
            pid_t pid = vfork();
            if (pid == 0) execl("/bin/true", "true", (char *)0), _exit(127);
            if (waitpid(pid, NULL, 0) != pid) _exit(1);
            __asm__ volatile("");
        }
        int main(int argc, char **argv) {
            void *place = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            memcpy(place, code, sizeof code);
            char path[300];
            if (strcmp(argv[1], "bare") == 0) memcpy(place, bare, sizeof bare);
            if (strcmp(argv[1], "dump") != 0) {
                snprintf(path, sizeof path, "/tmp/perf-%d.map", getpid());
                dump = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
                dprintf(dump, "%lx %zx made\\n", (long)place, sizeof bare);
                if (argc > 2) futimens(dump, (struct timespec[2]){{1000000000, 0}, {1000000000, 0}});
                puts(path), fflush(stdout);
                ((void (*)(void (*)(void)))place)(spawn);
                return 0;
            }
            snprintf(path, sizeof path, "%s/jit-%d.dump", argv[2], getpid());
            dump = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
            uint32_t head[] = {0x4A695444, 1, 40, 62, 0, getpid()};
            uint64_t times[] = {now(), 0};
            put(head, sizeof head), put(times, sizeof times);
            if (mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, dump, 0) == MAP_FAILED) return 2;
            load("first", place);
            ((void (*)(void (*)(void)))place)(spawn);
            load("second", place);
            ((void (*)(void (*)(void)))place)(spawn);
            return 0;
        }
        """

    private func record(_ command: [String]) throws -> ProgramRun {
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "-o", directory.session, "--"] + command)
        #expect(run.status == 0, "\(run.error)")
        return run
    }

    private func fold() throws -> ProgramRun {
        try ProgramRun(PerfPrivileges.program, "fold", "--frames", "callsite", directory.session)
    }

    @Test func aDumpNamesEachTimesCode() throws {
        try Compiler.withDirectory { directory in
            let program = try Compiler.program(Self.source, ["-fno-optimize-sibling-calls"], in: directory)
            let run = try record([program, "dump", directory])
            #expect(!run.error.contains(".dump"), "\(run.error)")
            let fold = try fold()
            for name in ["first", "second"] {
                #expect(
                    fold.lines.contains { $0.contains(";main;\(name);spawn;") && $0.hasSuffix(" 1") }, "\(fold.output)")
            }
            #expect(fold.error == "")
        }
    }

    @Test(arguments: ["map", "bare"])
    func aMapNamesMadeCode(kind: String) throws {
        try Compiler.withDirectory { directory in
            let program = try Compiler.program(Self.source, ["-fno-optimize-sibling-calls"], in: directory)
            let run = try record([program, kind])
            let map = String(run.lines.first ?? "")
            defer { unlink(map) }
            let fold = try fold()
            #expect(fold.lines.contains { $0.contains(";main;made;spawn;") } && fold.error == "", "\(fold.output)")
        }
    }

    /// A process names its map by the number that it has in its own pid namespace, below its own root directory. `$P` is the program.
    @Test(arguments: [
        "unshare -fp --mount-proc $P map", "unshare -fp $P map", "unshare -fp --mount-proc sh -c 'true; $P map; true'",
        "unshare -Urfp --mount-proc $P map", "unshare -fp unshare -fp sh -c '$P map; :'",
        "unshare -fpm --mount-proc sh -c 'mount -t tmpfs t /tmp; $P map; :'",
        "unshare -fpm --mount-proc setpriv --reuid 65534 --clear-groups sh -c ': >/dev/null; $P map; :'",
        "unshare -fpm sh -c 'mount -t tmpfs t /tmp; setpriv --reuid 65534 --clear-groups $P map; :'",
        "unshare -m sh -c 'mount -t tmpfs t /tmp; $P map; :'",
    ])
    func mapsOfOtherNamespaces(command: String) throws {
        try Compiler.withDirectory { directory in
            let program = try Compiler.program(Self.source, ["-fno-optimize-sibling-calls"], in: directory)
            // Where a /tmp of its own does not hide it.
            let script = """
                D=$(mktemp -d /var/tmp/spawnscope-XXXXXX); trap 'rm -r "$D"' EXIT; chmod 755 "$D"; cp "$1" "$D/program"
                export P="$D/program"; "$2" record -o "$3" -- \(command) >"$D/said" || cat "$D/said"
                for map in $(cat "$D/said"); do rm -f "$map"; done
                """
            let record = try ProgramRun(
                "sh", "-c", script, "sh", program, PerfPrivileges.program, self.directory.session)
            #expect(record.status == 0 && record.output == "", "\(record.output)\(record.error)")
            let fold = try fold()
            // By a stranger's rights nobody names another's code: a map of user 65534 in the /tmp of all is not believed.
            let isForeign = command.contains("--mount-proc setpriv")
            #expect(
                fold.lines.contains { $0.contains(";main;made;spawn;") } == !isForeign, "\(fold.output)\(record.error)")
            #expect(record.error.contains("belongs to user 65534") == isForeign, "\(record.error)")
        }
    }

    /// One that ran before the recording, and has ended with it.
    @Test func mapsOfRunningProcessesElsewhere() throws {
        try Compiler.withDirectory { directory in
            let program = try Compiler.program(Self.source, ["-fno-optimize-sibling-calls"], in: directory)
            let script = """
                mkfifo "$4/go" && unshare -fp --mount-proc sh -c 'read line <"$1"; exec "$2" map' sh "$4/go" "$1" >"$4/said" &
                while [ -z "$(pgrep -P $!)" ]; do sleep 0.01; done; process=$(pgrep -P $!)
                { sleep 0.7; echo >"$4/go"; } & "$2" record -q -o "$3" -p "$process"; status=$?
                for map in $(cat "$4/said"); do rm -f "$map"; done; exit $status
                """
            let record = try ProgramRun(
                "sh", "-c", script, "sh", program, PerfPrivileges.program, self.directory.session, directory)
            #expect(record.status == 0, "\(record.output)\(record.error)")
            let fold = try fold()
            #expect(fold.lines.contains { $0.contains(";main;made;spawn;") }, "\(fold.output)\(record.error)")
        }
    }

    /// One that an earlier process with the same number left.
    @Test func aMapOfAnEarlierProcess() throws {
        try Compiler.withDirectory { directory in
            let program = try Compiler.program(Self.source, ["-fno-optimize-sibling-calls"], in: directory)
            let run = try record([program, "map", "old"])
            let map = String(run.lines.first ?? "")
            defer { unlink(map) }
            let fold = try fold()
            #expect(
                fold.lines.contains { $0.contains(";main;[perf-") && $0.contains(".map];spawn;") }, "\(fold.output)")
            // Told when its names were looked for.
            #expect(run.error.contains("\(map) is older than the process"), "\(run.error)")
        }
    }

    /// Node's functions, asked for as docs/guide/fold.md says, are there where its map is gone; without asking the report says how.
    @Test func functionsOfNode() throws {
        let script = directory.path + "/build.js"
        let source = """
            const { spawnSync } = require('child_process');
            function runTool(name) { return spawnSync(name).status; }
            function buildAll(count) { for (let i = 0; i < count; i++) runTool('/bin/true'); }
            buildAll(20);

            """
        try Compiler.write(Array(source.utf8), to: script)
        let plain = try record(["node", script])
        #expect(plain.status == 0, "\(plain.error)")
        let report = try ProgramRun(PerfPrivileges.program, "report", directory.session)
        #expect(report.output.contains("--perf-basic-prof"), "\(report.output)")
        let named = try record(["node", "--perf-basic-prof", "--interpreted-frames-native-stack", script])
        #expect(named.status == 0, "\(named.error)")
        let fold = try fold()
        #expect(fold.status == 0, "\(fold.error)")
        let stacks = fold.output.split(separator: "\n").filter { line in
            let frames = line.split(separator: ";").map(String.init)
            guard let caller = frames.firstIndex(where: { $0.contains("buildAll ") }) else { return false }
            return frames[caller...].contains { $0.contains("runTool ") }
        }
        let count = stacks.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(count == 20, "\(fold.output)")
    }
}
