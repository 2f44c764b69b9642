import TestSupport
import Testing

/// `flamegraph` as people use it, and where its file goes. What the picture does is checked by python3 Scripts/bench check pictures.
@Suite struct FlamegraphTests {
    private let directory = FoldDirectory()

    private func flamegraph(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "flamegraph"] + arguments)
    }

    /// A script in which `$flamegraph` draws, `$session` is a session of ours.
    private func shell(_ script: String) throws -> ProgramRun {
        try directory.shell(
            "flamegraph=\"${fold% fold} flamegraph\"; session=$1\n" + script, FoldDirectory.recording("session"))
    }

    /// The weights of the frames that hold no other, with the folded numbers.
    @Test(arguments: [["--frames", "program"], ["--frames", "callsite,program"], ["--weight", "overhead"], []])
    func thePictureHasTheFoldsNumbers(arguments: [String]) throws {
        let session = FoldDirectory.recording("session")
        let folded = try ProgramRun([PerfPrivileges.program, "fold", session] + arguments)
        let total = folded.lines.reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
        let run = try ProgramRun([PerfPrivileges.program, "flamegraph", session] + arguments)
        #expect(run.status == 0 && run.error == folded.error)
        #expect(run.output.hasPrefix("<?xml") && run.output.hasSuffix("</svg>\n"))
        #expect(run.lines.contains { $0.contains("data-d=\"0\" data-h=\"0 \(total)\"") }, "\(total)")
    }

    @Test func titleAndCountsAreThere() throws {
        let session = FoldDirectory.recording("session")
        let run = try flamegraph(session)
        #expect(run.output.contains("class=\"title\">"))
        #expect(run.output.contains(">7 spawns</text>"))
        let titled = try flamegraph("--title", "</title><script>x</script>", session)
        #expect(titled.output.contains("<title>&lt;/title&gt;&lt;script&gt;x&lt;/script&gt;</title>"))
        #expect(try flamegraph("--icicle", session).output.contains("data-view=\"icicle\""))
        #expect(try flamegraph("--no-icicle", session).output.contains("data-view=\"flame\""))
    }

    @Test func framesLeftOutAreTold() throws {
        let session = FoldDirectory.recording("session")
        let run = try flamegraph("--min-width", "50", "--frames", "program", session)
        #expect(run.status == 0)
        #expect(run.error == "spawnscope: \(session): 2 frames too narrow to be seen left out, with 2 spawns (28.5%)\n")
        #expect(run.output.contains("2 frames too narrow to be seen left out"))
        #expect(try flamegraph("--max-depth", "2", session).error.contains("deeper than 2 levels left out"))
    }

    @Test func aDamagedSessionSaysSoInThePicture() throws {
        let run = try directory.shell("head -c 3000 \"$recording\" >cut; exec ${fold% fold} flamegraph cut")
        #expect(run.status == 0 && run.error.contains("cut: the file ends at offset 3000"))
        #expect(run.output.contains("class=\"warn\">! the file ends at offset 3000"))
    }

    @Test func differences() throws {
        let (base, head) = (FoldDirectory.recording("again-1"), FoldDirectory.recording("again-2"))
        let run = try flamegraph("--base", base, head)
        #expect(run.status == 0)
        #expect(run.output.contains("\nchange: ") && run.output.contains("\nbase: ") && run.output.contains("data-b="))
        let shares = try flamegraph("--base", base, "--normalise", "--widths", "base", head)
        #expect(shares.output.contains("\nchange of its share: ") && shares.output.contains("data-widths=\"base\""))
        let other = try flamegraph("--base", FoldDirectory.recording, head)
        #expect(other.status == 65 && other.output == "" && other.error.contains("say which by --weight or --event"))
    }

    // MARK: - Where it goes

    @Test func toAFile() throws {
        let run = try shell(
            """
            $flamegraph "$session" >expected; $flamegraph -o new.svg "$session"; cmp expected new.svg
            echo old >old.svg; chmod 640 old.svg; ln -s old.svg link.svg; $flamegraph -o link.svg "$session"
            cmp expected old.svg; stat -c %a old.svg; test -L link.svg && ls -A
            """)
        #expect(run.status == 0 && run.isQuiet)
        #expect(run.output == "640\nexpected\nlink.svg\nnew.svg\nold.svg\n")
    }

    /// What is no regular file is written and stays.
    @Test func toADeviceOrAPipe() throws {
        let run = try shell(
            """
            $flamegraph "$session" >expected; $flamegraph -o /dev/null "$session"; test -c /dev/null || echo gone
            mkfifo pipe; cat pipe >got & $flamegraph -o pipe "$session"; wait; cmp expected got; test -p pipe || echo gone
            $flamegraph -o - "$session" | cmp expected
            """)
        #expect(run.status == 0 && run.isQuiet && run.output == "")
    }

    /// Nothing half-written has the final name, and nothing is left beside it.
    @Test func aFullDisk() throws {
        let run = try shell(
            """
            $flamegraph -o /dev/full "$session"; echo $?
            $flamegraph "$session" >/dev/full; echo $?
            echo old >old.svg; (ulimit -f 1; trap '' XFSZ; $flamegraph -o old.svg "$session"; echo $?; $flamegraph -o new.svg "$session"; echo $?)
            cat old.svg; ls -A
            """)
        #expect(run.output == "73\n74\n74\n74\nold\nold.svg\n")
        #expect(run.error.split(separator: "\n").count == 4)
        #expect(run.error.contains("/dev/full: is a device, a socket or another user's FIFO, and is not written"))
        #expect(run.error.contains("old.svg: File too large; nothing is left of the result"))
    }

    @Test func aFileThatCannotBe() throws {
        for (name, text) in [("nosuch/a.svg", "No such file or directory"), (".", "Is a directory")] {
            let run = try shell("exec $flamegraph -o \(name) \"$session\"")
            #expect(run.status == 73 && run.output == "")
            #expect(run.error == "spawnscope: \(name): \(text)\n")
        }
    }

    @Test func aReaderThatLeaves() throws {
        let run = try shell(
            """
            mkfifo gate
            { read -r _ <gate; $flamegraph "$session"; echo $? >status; } | { exec <&-; echo go >gate; }
            cat status
            """)
        #expect(run.output == "141\n" && run.error == "")
    }

    @Test func aTerminalIsNoPlaceForIt() throws {
        let run = try shell("script -qec \"$flamegraph $session\" /dev/null; echo $?")
        #expect(run.output.contains("a picture is nothing to read on a terminal: redirect it, or name a file with -o"))
        #expect(run.output.hasSuffix("64\n"))
    }

    @Test(
        arguments: [
            ["--normalise"], ["--widths", "base"], ["--widths", "both", "--base", "x"], ["--min-width", "-1"],
            ["--min-width", "wide"], ["--max-depth", "0"], ["--base", "-", "-"], ["--frames", "nonsense"],
            ["--event", "x", "--frames", "program"], ["one", "two"],
        ])
    func wrongUsage(arguments: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program, "flamegraph"] + arguments)
        #expect(run.status == 64)
        #expect(run.output == "" && run.error.hasPrefix("Error: "))
    }

    @Test func theExamplesParse() throws {
        let help = try flamegraph("--help")
        let examples = help.lines.filter { $0.hasPrefix("  spawnscope flamegraph") }
        #expect(examples.count >= 5)
        for example in examples {
            let run = try shell("exec $flamegraph \(example.split(separator: " ").dropFirst(2).joined(separator: " "))")
            #expect(run.status == 66 && run.error.contains("no such file"), "\(example)")
        }
    }
}
