import Glibc
import TestSupport
import Testing

/// Sessions that travel: packed ones give what the raw ones gave, also where none of the recorded files exist.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedPackTests {
    private let directory = FoldDirectory()
    private var session: String { directory.path + "/s.data" }

    /// A C program without frame pointers, a shell and Python; a failed attempt, a child without a program, one of another
    /// shape of stack.
    private static let workload = """
        import os, subprocess, sys
        for _ in range(5): subprocess.run([sys.argv[1], "3"], check=True)
        subprocess.run(["sh", "-c", "/bin/true; ls / >/dev/null; :"])
        try: subprocess.run(["/none/such"])
        except FileNotFoundError: pass
        pid = os.fork()
        if pid == 0: os._exit(3)
        os.waitpid(pid, 0)
        """

    private func record(_ options: [String]) throws -> ProgramRun {
        let loop = try Workload.build("spawn_loop", .bare, in: directory.path)
        return try ProgramRun(
            [PerfPrivileges.program, "record", "-o", session] + options
                + ["--", "/usr/bin/python3", "-c", Self.workload, loop])
    }

    /// What is to be the same, one run each.
    private static let questions: [[String]] = [
        ["fold"], ["fold", "--frames", "callsite,phase", "--weight", "overhead"], ["report", "--all"],
        ["report", "--format", "json", "--spawns"], ["export", "--format", "csv"],
        ["fold", "--event", "spawnscope:spawn"],
    ]

    private func answers(_ command: [String]) throws -> [String] {
        try Self.questions.map { question in
            let run = try ProgramRun(command + question + [session])
            #expect(run.status == 0, "\(question): \(run.error)")
            #expect(!run.output.isEmpty, "\(question)")
            return run.output + run.error
        }
    }

    @Test(arguments: [[], ["--sample", "2999"], ["-e", "sched:sched_process_fork", "-g"]])
    func packingChangesNoAnswer(options: [String]) throws {
        let run = try record(["--no-pack"] + options)
        #expect(run.status == 0 && run.error.contains("it holds pieces of the programs' memory"), "\(run.error)")
        var questions = Self.questions
        if options.first == "--sample" {
            questions.append(["fold", "--weight", "samples", "--frames", "ancestry,callsite,program,user,kernel"])
        }
        func all() throws -> [String] {
            try questions.map { try ProgramRun([PerfPrivileges.program] + $0 + [session]).output }
        }
        let raw = try all()
        let pack = try ProgramRun(PerfPrivileges.program, "pack", session)
        #expect(pack.status == 0 && pack.error.contains(" stacks unwound, "), "\(pack.error)")
        let packed = try all()
        for (question, (before, after)) in zip(questions, zip(raw, packed)) {
            #expect(!before.isEmpty && before == after, "\(question)")
        }
        #expect(raw[0].contains(";main;") && !raw[0].contains("[truncated]"), "\(raw[0])")
        let again = try ProgramRun(PerfPrivileges.program, "pack", session)
        #expect(again.status == 0 && again.error.contains("is packed already"))
    }

    /// A root directory with nothing but the program under test, the session and the libraries that the former needs, which stand
    /// elsewhere. Its mounts go with the command's namespace.
    private func withEmptyRoot<Result>(_ body: (_ command: [String]) throws -> Result) throws -> Result {
        try Compiler.withDirectory { root in
            let script = """
                set -e
                mkdir -p "$1/x/lib" "$1/proc" "$1$(dirname "$3")"
                cp "$2" "$1/x/spawnscope"
                ldd "$2" | sed -n 's/.* => \\(\\/[^ ]*\\) .*/\\1/p' | while read -r path; do cp "$path" "$1/x/lib/"; done
                loader=$(ldd "$2" | sed -n 's/^[[:space:]]*\\(\\/[^ ]*ld-linux[^ ]*\\) .*/\\1/p')
                mkdir -p "$1$(dirname "$loader")"
                cp "$loader" "$1$loader"
                cp "$3" "$1$3"
                """
            try Compiler.run(["sh", "-c", script, "sh", root, PerfPrivileges.program, session])
            let enter = """
                root=$1; shift; mount --rbind /proc "$root/proc"
                LD_LIBRARY_PATH=/x/lib exec chroot "$root" /x/spawnscope "$@"
                """
            return try body(["unshare", "-m", "sh", "-c", enter, "sh", root])
        }
    }

    @Test func whereNoneOfTheFilesExist() throws {
        let run = try record(["--sample", "999"])
        #expect(run.status == 0 && run.error.contains(", packed from "), "\(run.error)")
        let here = try answers([PerfPrivileges.program])
        let there = try withEmptyRoot { try answers($0) }
        for (index, question) in Self.questions.enumerated() {
            #expect(here[index] == there[index], "\(question)")
        }
        #expect(here[0].contains(";main;"), "\(here[0])")
        let info = try ProgramRun(PerfPrivileges.program, "info", session)
        #expect(info.output.contains("\npacked: "), "\(info.output)")
        let mode = try ProgramRun("stat", "-c", "%a", session)
        #expect(mode.output == "600\n")
        // That there are no files is what a raw session suffers from.
        #expect(try record(["--no-pack"]).status == 0)
        let raw = try withEmptyRoot { try ProgramRun($0 + ["fold", session]).output }
        #expect(raw.contains("[truncated]") && !raw.contains(";main;"), "\(raw)")
    }

    /// As a stream.
    @Test func aPackedStream() throws {
        let loop = try Workload.build("spawn_loop", .bare, in: directory.path)
        let fold = try ProgramRun(
            "sh", "-c", "\"$1\" record -q -o - -- \"$2\" 20 2>/dev/null | tee \"$3\" | \"$1\" fold -", "sh",
            PerfPrivileges.program, loop, session)
        #expect(fold.status == 0 && fold.output.contains(";main;"), "\(fold.output)\(fold.error)")
        let info = try ProgramRun(PerfPrivileges.program, "info", session)
        #expect(info.output.contains("pipe mode") && info.output.contains("\npacked: "), "\(info.output)")
        #expect(try answers([PerfPrivileges.program])[0] == fold.output)
    }

    /// perf shows the callchains that were unwound, the creating call's callers among them.
    @Test func perfReadsIt() throws {
        #expect(try record([]).status == 0)
        let perf = try ProgramRun("perf", "script", "-i", session, "-F", "comm,event,ip,sym")
        #expect(perf.status == 0 && !perf.error.lowercased().contains("fail"), "\(perf.error)")
        // Events without a stack are one line each, others end with an empty one.
        var creations: [[String]] = []
        for line in perf.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.contains("spawn_loop"), line.contains("spawnscope:spawn:") {
                creations.append([])
            } else if let last = creations.indices.last, creations[last].last != "" {
                creations[last].append(line)
            }
        }
        #expect(creations.count == 15)
        #expect(
            creations.allSatisfy { stack in
                ["main", "__libc_start_call_main"].allSatisfy { name in stack.contains { $0.hasSuffix(" " + name) } }
            }, "\(creations.first ?? [])")
        let header = try ProgramRun("perf", "report", "-i", session, "--header-only")
        #expect(header.status == 0)
        let names = try ProgramRun("perf", "evlist", "-v", "-i", session)
        #expect(names.status == 0 && !names.output.contains("STACK_USER"), "\(names.output)")
    }

    /// What perf wrote with pieces of stack, and as a stream.
    @Test(arguments: [["-o", "FILE"], ["-o", "FILE", "-z"]])
    func whatPerfRecorded(output: [String]) throws {
        let loop = try Workload.build("spawn_loop", .bare, in: directory.path)
        let target = output.map { $0 == "FILE" ? session : $0 }
        let perf = try ProgramRun(
            ["perf", "record", "-q", "--call-graph", "dwarf", "-e", "task:task_newtask"] + target + ["--", loop, "20"])
        #expect(perf.status == 0, "\(perf.error)")
        let raw = try ProgramRun(PerfPrivileges.program, "fold", session)
        let pack = try ProgramRun(PerfPrivileges.program, "pack", "-o", session + ".packed", session)
        #expect(pack.status == 0, "\(pack.error)")
        let packed = try ProgramRun(PerfPrivileges.program, "fold", session + ".packed")
        #expect(raw.output == packed.output && raw.output.contains(";main;"), "\(raw.output)\(packed.output)")
        let script = try ProgramRun("perf", "script", "-i", session + ".packed")
        #expect(script.status == 0 && script.output.contains("task:task_newtask"))
        // Pieces of stack of 8 KiB each are gone; compressed they were small already.
        let (before, after) = (try Compiler.bytes(session).count, try Compiler.bytes(session + ".packed").count)
        #expect(after < before || output.contains("-z"))
    }

    /// Compressed and not: the same to every reader here and to perf, in a file and as a stream; a fraction of the bytes.
    @Test(arguments: ["joined", "events"]) func compressed(recorder: String) throws {
        let loop = try Workload.build("spawn_loop", .bare, in: directory.path)
        let run = try ProgramRun(
            "bash", "-c",
            """
            S=$1; cd "$2"; $S record -q --no-pack --recorder "$4" -o raw -- "$3" 400 >/dev/null || exit 1
            $S pack -q -o small raw && $S pack -q --no-compress -o large raw || exit 2
            for file in raw small large; do perf report --stats -i $file 2>/dev/null | grep -q COMPRESSED && echo $file; done
            while read -r question; do
                for file in small large; do
                    mv $file s.data; rm -f b.yml; $S $question s.data >$file.answer 2>&1; mv s.data $file
                done
                test -s small.answer && cmp small.answer large.answer || echo "differ: $question"
            done <<"END"
            fold
            report --all
            report --format json --spawns
            flamegraph
            export --format csv
            export --format speedscope
            budget --init --file b.yml --ignore-failure
            compare --counts-only --ignore-failure --head raw --base
            END
            diff <($S info small | tail -n +2) <($S info large | tail -n +2)
            for file in small large; do
                perf script -i $file >$file.script 2>&1
                # It ends with a tip, each time with another.
                perf report --stdio -i $file 2>&1 | grep -v '^# (Tip: ' >$file.report
            done
            cmp small.script large.script; cmp small.report large.report; cmp <(perf evlist -i small) <(perf evlist -i large)
            grep -c "$(basename "$3").* $(test "$4" = joined && echo spawnscope:spawn: || echo task:task_newtask:)" small.script
            cmp <(TMPDIR=/none $S fold small) <($S fold large)
            cmp <($S fold - <small) <($S fold large)
            $S pack -q --no-compress -o again small; cmp again large; $S pack -q -o again large; cmp again small
            cp small s.data; $S pack -q --no-compress s.data; cmp s.data large
            $S pack small; echo $?; $S pack --no-compress large; echo $?; stat -c %s small large
            """, "bash", PerfPrivileges.program, directory.path, loop, recorder)
        #expect(
            run.lines.count == 6 && Array(run.lines.prefix(4)) == ["small", "400", "0", "0"],
            "\(run.output)\(run.error)")
        #expect(run.error == "spawnscope: small is packed already\nspawnscope: large is packed already\n")
        let sizes = run.lines.suffix(2).compactMap { Int($0) }
        #expect(sizes.count == 2 && sizes[0] * 4 < sizes[1], "\(sizes)")
        let (small, large) = (directory.path + "/small", directory.path + "/large")
        let (inflated, plain) = (try InflatedBytes.of(small), try Compiler.bytes(large))
        #expect(inflated.count > plain.count * 9 / 10 && inflated != plain)
    }

    /// `record` compresses what it streams, too, and leaves it if it is asked to.
    @Test func aCompressedStream() throws {
        let loop = try Workload.build("spawn_loop", .bare, in: directory.path)
        let run = try ProgramRun(
            "bash", "-c",
            """
            for option in "" --no-compress; do
                "$1" record -q $option -o - -- "$2" 300 >"$3"; "$1" fold --frames program - <"$3"
                perf script -i - <"$3" 2>/dev/null | grep -c ' spawnscope:spawn: '
                stat -c %s "$3"
            done
            """, "bash", PerfPrivileges.program, loop, session)
        try #require(run.lines.count == 6, "\(run.output)\(run.error)")
        for start in [0, 3] { #expect(run.lines[start] == "/bin/true 300" && run.lines[start + 1] == "300") }
        let sizes = [run.lines[2], run.lines[5]].compactMap { Int($0) }
        #expect(sizes.count == 2 && sizes[0] * 3 < sizes[1], "\(sizes)")
    }

    @Test func whatCannotBeDone() throws {
        #expect(try record(["--no-pack"]).status == 0)
        let before = try Compiler.bytes(session)
        // Nowhere to write to: the session stays as it is, and nothing is left beside it.
        let full = try ProgramRun(
            "sh", "-c", "ulimit -f 8; trap '' XFSZ; \"$1\" pack \"$2\"", "sh", PerfPrivileges.program, session)
        #expect(full.status == 73 && full.error.contains("cannot write"), "\(full.status) \(full.error)")
        #expect(try Compiler.bytes(session) == before)
        #expect(try ProgramRun("ls", directory.path).output.contains(".packing") == false)
        let missing = try ProgramRun(PerfPrivileges.program, "pack", session + ".none")
        #expect(missing.status == 66)
        let stream = try ProgramRun("sh", "-c", "\"$1\" pack - <\"$2\"", "sh", PerfPrivileges.program, session)
        #expect(stream.status == 64 && stream.error.contains("-o"), "\(stream.error)")
    }
}
