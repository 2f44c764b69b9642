import Glibc
import TestSupport
import Testing

/// What `fold` says and how it ends when something is wrong: one line that names the file, and the status of sysexits(3).
@Suite struct FoldFaultTests {
    private let directory = FoldDirectory()

    private func expectOneLine(_ run: ProgramRun, status: Int32, _ text: String) {
        #expect(run.status == status, "\(run.error)")
        #expect(run.output == "")
        #expect(run.error.hasPrefix("spawnscope: ") && run.error.hasSuffix("\n"))
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(run.error.contains(text), "\(run.error)")
    }

    @Test(
        arguments: [
            ("", 66, "spawnscope.data: no such file"), ("nosuch.data", 66, "nosuch.data: no such file"),
            (".", 66, ".: is a directory"), ("/dev/null", 66, "/dev/null: is no regular file"),
            ("empty", 65, "empty: is empty"), ("text", 65, "text: is no perf.data file (offset 0)"),
            ("elf", 65, "elf: is no perf.data file"), ("bigendian", 65, "big-endian"),
            ("magic", 65, "magic: "), ("header", 65, "header: damaged header at offset"),
            ("file/below", 66, "file/below: Not a directory"), ("loop", 66, "loop: Too many levels"),
            ("- </dev/null", 65, "-: is empty"), ("- <text", 65, "-: is no perf.data"),
            ("- <.", 66, "-: is a directory"),
            ("- <&-", 66, "-: Bad file descriptor"),
            // A stream without end is not read to its end.
            ("- < <(yes)", 65, "-: is no perf.data"),
        ] as [(String, Int32, String)])
    func whatIsNoSession(arguments: String, status: Int32, text: String) throws {
        let run = try directory.shell(
            """
            : >empty; echo 'just text, some words of it' >text; head -c 4096 /bin/true >elf; : >file; ln -s loop loop
            printf '2ELIFREP' | cat - "$recording" >bigendian; printf PERFILE2 >magic; head -c 60 "$recording" >header
            exec $fold \(arguments)
            """)
        expectOneLine(run, status: status, text)
    }

    @Test func aFileThatMayNotBeRead() throws {
        let run = try directory.shell(
            """
            chmod 755 .; cp "$recording" mine; chmod 600 mine; cp "${fold% fold}" program; chmod 755 program
            if [ "$(id -u)" = 0 ]; then exec setpriv --reuid 65534 --clear-groups ./program fold mine; fi
            chmod 000 mine; exec ./program fold mine
            """)
        expectOneLine(run, status: 66, "mine: permission denied")
    }

    @Test func aDirectoryForStreamsThatIsNotThere() throws {
        expectOneLine(
            try directory.shell("export TMPDIR=/nonexistent; cat \"$recording\" | $fold -"), status: 74,
            "cannot be copied to /nonexistent: No such file or directory")
    }

    /// What is left of a recording is folded, and what is missing is said.
    @Test func aRecordingThatIsCutOff() throws {
        let whole = try directory.fold(FoldDirectory.recording)
        let run = try directory.shell("head -c 3000 \"$recording\" >cut; exec $fold cut")
        #expect(run.status == 0 && run.output != "" && run.output != whole.output)
        #expect(
            run.error
                == "spawnscope: cut: the file ends at offset 3000, in the midst of its data; what is there is used\n")
    }

    @Test(
        arguments: [
            ["--nosuch"], ["--frames"], ["--frames", "nonsense"], ["--frames", ""], ["--frames", "ancestry,,program"],
            ["--weight", "much"], ["--names", "mine"], ["one", "two"], ["--event", "x", "--frames", "program"],
            ["--names", "perf", "--frames", "program"], ["--event", "x", "--weight", "spawns"],
            ["--frames", "user", "--weight", "spawns"],
        ])
    func wrongUsage(arguments: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program, "fold"] + arguments)
        #expect(run.status == 64)
        #expect(run.output == "" && run.error.hasPrefix("Error: "))
    }

    /// Nothing that comes out of what is damaged before its first sample is a result.
    @Test(arguments: ["fold", "report", "flamegraph -o out.svg", "export --format folded"])
    func damageBeforeTheFirstSample(command: String) throws {
        let run = try directory.shell(
            #"""
            python3 - "$recording" cut.data <<'END'
            import struct, sys
            data = bytearray(open(sys.argv[1], "rb").read())
            # The first record of the data says that it has no size.
            start, = struct.unpack_from("<Q", data, 40)
            struct.pack_into("<H", data, start + 6, 0)
            open(sys.argv[2], "wb").write(data)
            END
            ${fold% fold} \#(command) cut.data
            """#)
        #expect(run.status == 65 && run.error.contains("cut.data: has no sample before its damage"), "\(run)")
    }

    /// A recording whose only data are a processor's trace: AUXTRACE records and what describes them.
    @Test(arguments: ["fold", "report", "flamegraph -o out.svg"])
    func auxDataAlone(command: String) throws {
        let run = try directory.shell(
            #"""
            python3 - "$recording" aux.data <<'END'
            import struct, sys
            data = bytearray(open(sys.argv[1], "rb").read())
            start, size = struct.unpack_from("<QQ", data, 40)
            # PERF_RECORD_AUXTRACE: size, offset, reference, idx, tid, cpu; the trace of 64 bytes follows it.
            trace = struct.pack("<IHHQQQIIII", 71, 0, 48, 64, 0, 0, 0, 1, 0, 0) + bytes(64)
            trace += struct.pack("<IHHQ", 68, 0, 16, 0)
            assert len(trace) <= size
            data[start:start + len(trace)] = trace
            struct.pack_into("<Q", data, 48, len(trace))
            struct.pack_into("<4Q", data, 72, 0, 0, 0, 0)
            open(sys.argv[2], "wb").write(data[:start + len(trace)])
            END
            ${fold% fold} \#(command) aux.data
            """#)
        #expect(run.status == 65 && run.error.contains("aux.data: has AUX data (a processor's trace) alone"), "\(run)")
    }

    @Test func anEventThatTheFileHasNot() throws {
        let path = FoldDirectory.recording("several")
        expectOneLine(
            try directory.fold("--event", "cycles", path), status: 65,
            "has no event 'cycles'; it has cpu-clock:u, task-clock:u")
    }

    /// Names are data: a terminal sees no control characters of theirs.
    @Test func aNameThatWouldWriteOnTheTerminal() throws {
        let run = try directory.fold("a\u{1b}[2Jb")
        #expect(run.status == 66 && run.error.hasPrefix("spawnscope: a\\u{1b}[2Jb: no such file"))
    }

    // MARK: - Where the result goes

    @Test func aFullDisk() throws {
        for target in ["/dev/full", "&-"] {
            for command in ["$fold", "${fold% fold} info"] {
                let run = try directory.shell("exec \(command) \"$recording\" >\(target)")
                expectOneLine(run, status: 74, "standard output: ")
            }
        }
    }

    /// Silent, whether the signal ends the program or is ignored and a write fails.
    @Test(arguments: ["", "trap '' PIPE;"])
    func aReaderThatLeaves(setup: String) throws {
        let run = try directory.shell(
            """
            \(setup) mkfifo gate
            { read -r _ <gate; $fold "$recording"; echo $? >status; } | { exec <&-; echo go >gate; }
            cat status
            """)
        #expect(run.output == "141\n" && run.error == "")
    }
}
