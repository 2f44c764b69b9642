import Glibc
import TestSupport
import Testing

/// Where a session goes that is not to be an ordinary file: through a pipe, or nowhere, with one line that says what to do.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedOutputTests {
    private let directory = FoldDirectory()
    private let loop = "for i in 1 2 3 4 5; do /bin/true; done; echo from the command"

    /// In a directory of its own, with `$S` the program and `$L` the command.
    private func shell(_ script: String) throws -> ProgramRun {
        try ProgramRun(
            "bash", "-c", "S=$1 L=$2; cd \"$3\"; \(script)", "bash", PerfPrivileges.program, loop, directory.path)
    }

    // MARK: - Through a pipe

    @Test(arguments: ["-", "/dev/stdout"])
    func aPipe(output: String) throws {
        let run = try shell(
            "$S record -o \(output) -- sh -c \"$L; exit 3\" | $S fold --frames ancestry,program -; echo ${PIPESTATUS[*]}"
        )
        #expect(run.output == "sh;/bin/true 5\n3 0\n")
        // The session is alone in the pipe.
        #expect(run.error.contains("from the command\n") && run.error.contains("spawnscope: 5 spawns in "))
        #expect(run.error.contains(" written to standard output\n"))
        // A link that belongs to the machine is still there.
        #expect(try ProgramRun("readlink", "/dev/stdout").output == "/proc/self/fd/1\n")
    }

    @Test func theSameAsAFile() throws {
        let run = try shell(
            """
            $S record -o - -- sh -c "$L" 2>/dev/null | tee piped | $S info - >info; test ! -e spawnscope.data || exit 9
            perf script -i - <piped >script 2>script.error || exit 10
            perf report -i - --stdio <piped >/dev/null 2>&1 || exit 11
            cat script.error info
            grep -c 'spawnscope:exec: executes /bin/true' script
            """)
        #expect(run.status == 0, "\(run.error)")
        #expect(run.lines.last == "5" && run.output.contains("perf.data in pipe mode"), "\(run.output)")
        #expect(run.output.contains("\nended by: command-ended\n") && run.output.contains("\nlost: 0 events\n"))
        #expect(run.output.contains("\ncommand: sh -c for i in 1 2 3 4 5;"))
        #expect(run.error == "" && !run.output.contains("/proc/self"), "\(run.error)")
    }

    /// The rest of a recording works as with a file: its descendants are waited for, its size is limited.
    @Test func theOtherOptions() throws {
        let run = try shell(
            """
            $S record --wait-for-all -o - -- sh -c '(sleep 0.2; /bin/true) & exit 4' | $S fold --frames program -
            echo ${PIPESTATUS[*]}
            $S record --no-pack --max-size 1M -o - -- sh -c 'i=0; while [ $i -lt 1500 ]; do /bin/true; i=$((i+1)); done' >limited
            stat -c %s limited
            """)
        #expect(run.lines.contains("/bin/true 1") && run.lines.contains("4 0"), "\(run.output)")
        #expect(run.lines.last.flatMap { Int($0) }.map { 800_000...(1 << 20) ~= $0 } == true, "\(run.output)")
    }

    @Test func aReaderThatLeaves() throws {
        let run = try shell(
            """
            mkfifo gate; { $S record -o - -- sh -c "read x <gate; $L"; echo "status $?" >&2; } | { exec <&-; echo go >gate; }
            """)
        #expect(run.error.contains("from the command\n") && run.error.contains("status 0\n"), "\(run.error)")
        #expect(run.error.contains("spawnscope: the reader of standard output has left: what it has of the session is"))
    }

    @Test func aFullDiskBehindTheStream() throws {
        let run = try shell("$S record -o - -- sh -c \"$L\" >/dev/full")
        #expect(run.status == 0 && run.error.contains("from the command\n"))
        #expect(
            run.error.contains(
                "spawnscope: the session is cut off: cannot write to standard output: No space left on device"))
    }

    /// What fits into TMPDIR is streamed, and what is missing is said.
    @Test func aFullDiskForTheSpool() throws {
        let run = try ProgramRun(
            "unshare", "-m", "bash", "-c",
            """
            mount -t tmpfs -o size=200k tmpfs /mnt; cd "$2"
            TMPDIR=/mnt "$1" record --ring-size 16K -o - -- sh -c 'i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done' >cut
            echo $?; "$1" fold --frames program cut; perf script -i - <cut | grep -c 'executes /bin/true'
            """, "bash", PerfPrivileges.program, directory.path)
        #expect(run.error.contains("recording stopped early, the session holds what came before"), "\(run.error)")
        let spawns = run.lines.first { $0.hasPrefix("/bin/true ") }.flatMap { Int($0.dropFirst(10)) } ?? 0
        #expect(run.lines.first == "0" && 10...299 ~= spawns, "\(run.output)")
        // The last round may be there in part: an exec without its creation, or the other way round.
        let execs = run.lines.last.flatMap { Int($0) } ?? 0
        #expect(abs(execs - spawns) <= 2, "\(run.output)")
    }

    // MARK: - What cannot be

    @Test(
        arguments: [
            ("mkfifo fifo; $S record -o fifo -- echo ran", "fifo is no regular file: a session's header is completed"),
            ("$S record -o /dev/full -- echo ran", "/dev/full is no regular file: a session's header is completed"),
            // Without a name of its own, it could not be kept as .old.
            ("ln -s /proc/self/fd/2 link; $S record -o link -- echo ran", "link is no regular file"),
            ("$S record -o - -- echo ran >&-", "standard output is closed"),
            ("TMPDIR=/nonexistent $S record -o - -- echo ran >x", "no temporary file for the session"),
            (
                "script -qec \"$S record -o - -- echo ran 2>errors\" /dev/null >/dev/null; s=$?; cat errors >&2; (exit $s)",
                "a session is nothing to read on a terminal"
            ),
        ])
    func refusals(script: String, text: String) throws {
        let run = try shell("\(script); s=$?; test ! -L link || readlink link; exit $s")
        #expect(run.status == 125 && !run.output.contains("ran"), "\(run.output)")
        #expect(run.output == (script.hasPrefix("ln") ? "/proc/self/fd/2\n" : ""))
        #expect(run.error.split(separator: "\n").count == 1 && run.error.hasPrefix("spawnscope: "), "\(run.error)")
        #expect(run.error.contains(text), "\(run.error)")
    }
}
