import Glibc
import TestSupport
import Testing

/// The program with file capabilities, as someone without any rights runs it: it records, and reads and writes what that user may
/// and nothing else, wherever a path can be named.
@Suite(.enabled(if: PerfPrivileges.available), .serialized) struct PrivilegedCapabilityTests {
    private let user: TestUser
    /// Root's, with mode 0600, in a directory that everyone may look into.
    private var session: String { user.directory + "/root.data" }
    private var secret: String { user.directory + "/secret" }
    private var binary: String { user.directory + "/rootonly" }
    /// Root's, with mode 0700.
    private var closed: String { user.directory + "/closed" }
    private static let words = "zq71secret: of root alone"

    struct Failure: Error { var text: String }

    init() throws {
        user = try TestUser()
        try Compiler.write(Array("\(Self.words)\n".utf8), to: user.directory + "/secret")
        let script = """
            set -e; cd "$1"; program=$2
            $program record -q -o root.data -- /bin/sh -c '/bin/true zq71; :' && chmod 600 root.data secret
            mkdir -m 700 closed; cp root.data closed/s.data; cp secret closed/budget
            cp "$3" rootonly; chmod 700 rootonly
            $program record -q --no-pack -o home/raw.data -- /bin/sh -c '/bin/true; :'
            cp root.data home/own.data; $program budget -q --init home/own.data --file home/own.yml
            chown -R "$4:" home
            setcap cap_dac_read_search,cap_perfmon,cap_bpf+ep spawnscope
            """
        let loop = try Workload.build("spawn_loop", in: user.directory)
        let run = try ProgramRun(
            "/bin/sh", "-c", script, "sh", user.directory, PerfPrivileges.program, loop, user.name)
        guard run.status == 0 else { throw Failure(text: run.error) }
    }

    private func refused(_ command: String, saying: String = "ermission denied") throws {
        let run = try user.shell("$program \(command)")
        #expect(run.status != 0, "\(command)")
        #expect(run.error.contains(saying), "\(command): \(run.error)")
        for text in [run.output, run.error] { #expect(!text.contains("zq71"), "\(command): \(text)") }
    }

    @Test func itRecords() throws {
        let run = try user.shell("$program record -o s.data -- sh -c 'grep Cap /proc/self/status; /bin/true'")
        #expect(run.status == 0 && run.error.contains("2 spawns in "), "\(run.error)")
        // Nothing of it is the command's.
        for name in ["Inh", "Prm", "Eff", "Amb"] {
            #expect(run.output.contains("Cap\(name):\t0000000000000000\n"), "\(run.output)")
        }
        let report = try user.shell("$program report s.data")
        #expect(report.status == 0 && report.output.contains("/bin/true"))
    }

    /// Capabilities from a service manager are ambient: without care the command would have them, too.
    @Test func ambientOnesAreNotTheCommands() throws {
        try #require(try ProgramRun("setcap", "-r", user.program).status == 0)
        let run = try ProgramRun(
            "setpriv", "--reuid", "\(user.uid)", "--regid", "\(user.gid)", "--clear-groups", "--inh-caps",
            "+perfmon,+bpf,+dac_read_search,+dac_override", "--ambient-caps",
            "+perfmon,+bpf,+dac_read_search,+dac_override", user.program, "record", "-o", user.home + "/s.data", "--",
            "sh", "-c", "grep Cap /proc/self/status; cat \(secret)")
        for name in ["Inh", "Prm", "Eff", "Amb"] {
            #expect(run.output.contains("Cap\(name):\t0000000000000000\n"), "\(run.output)")
        }
        #expect(run.status == 1 && !run.output.contains("zq71") && run.error.contains("2 spawns in "), "\(run.error)")
    }

    @Test func sessionsOfRootStayUnread() throws {
        for path in [session, closed + "/s.data"] {
            for command in [
                "report \(path)", "fold \(path)", "export \(path) --format csv", "flamegraph \(path)", "info \(path)",
                "pack \(path)", "pack \(path) -o p.data", "budget \(path) --file own.yml",
                "compare --base \(path) --head own.data", "compare --base own.data --head \(path)",
                "flamegraph own.data --base \(path)",
            ] {
                try refused(command)
            }
        }
    }

    @Test func filesOfRootStayUnread() throws {
        for path in ["/etc/shadow", secret, closed + "/budget"] {
            for command in [
                "report \(path)", "info \(path)", "budget own.data --file \(path)",
                "budget own.data --update --file \(path)",
                "record --budget \(path) -- true",
            ] {
                try refused(command)
            }
        }
    }

    @Test func filesOfRootStayUnwritten() throws {
        for command in [
            "record -o \(secret) -- true", "record -o \(closed)/new.data -- true",
            "export own.data --format csv -o \(closed)/new",
            "flamegraph own.data -o \(closed)/new", "pack raw.data -o \(closed)/new",
            "budget own.data --init --file \(closed)/new",
            "record --budget own.yml --budget-output \(closed)/new -- /bin/sh -c '/bin/true; :'",
            "compare --runs 1 --base-command true --head-command true --output-dir \(closed)/new",
        ] {
            try refused(command)
        }
        try refused(
            "compare --runs 1 --base-command true --head-command true --output-dir \(user.directory)",
            saying: "belongs to another user")
        #expect(try Compiler.bytes(secret) == Array("\(Self.words)\n".utf8))
        let entries = try ProgramRun("ls", closed).output
        #expect(entries == "budget\ns.data\n")
    }

    /// The functions of a program that its user cannot read are not theirs to know.
    @Test func programsOfRootAreNotProbed() throws {
        let run = try user.shell("$program record --probe \(binary):main -o s.data -- true")
        #expect(run.error.contains("\(binary) has no function main: it was not counted"), "\(run.error)")
        try refused("record --probe \(closed)/s.data:main -- true", saying: "there is no file")
    }

    /// Variables that name files are the caller's, and the program's file is not.
    @Test func theEnvironmentNamesNoFiles() throws {
        let run = try user.shell(
            "TMPDIR=\(closed) DEBUGINFOD_URLS=x $program record -q -o - -- sh -c 'echo $DEBUGINFOD_URLS $HOME >&2' | TMPDIR=\(closed) $program fold -"
        )
        #expect(run.status == 0 && run.error.contains("x \(user.home)\n"), "\(run.error)")
        #expect(try ProgramRun("ls", closed).output == "budget\ns.data\n")
        let server = try user.shell("DEBUGINFOD_URLS=file://\(closed) $program pack --debuginfod raw.data")
        #expect(server.status != 0 && server.error.contains("DEBUGINFOD_URLS"))
    }

    @Test func compareRecordsWithThem() throws {
        let run = try user.shell(
            "$program compare --counts-only --runs 1 --base-command 'sh -c /bin/true' --head-command 'sh -c /bin/true'")
        #expect(run.status == 0 && run.error.contains("2 sessions are in spawnscope-compare"), "\(run.error)")
    }

    /// What it says of such a program is how to be rid of it.
    @Test func doctorRecommendsNone() throws {
        let run = try user.shell("$program doctor")
        #expect(run.status == 0 && run.output.contains("setcap -r"), "\(run.output)")
        try #require(try ProgramRun("setcap", "-r", user.program).status == 0)
        let bare = try user.shell("$program doctor")
        #expect(bare.status == 0 && bare.output.contains("works here by ptrace"))
        #expect(bare.output.contains("sudo spawnscope record -u \"$USER\""))
        for text in [run.output, bare.output] { #expect(!text.contains("+ep") && !text.contains("CAP_DAC")) }
    }

    /// A setuid or setgid program would be its owner's for everyone.
    @Test(arguments: ["4755", "2755"]) func setuidIsRefused(mode: String) throws {
        let script = "setcap -r \"$1\"; chown root: \"$1\"; chmod \"$2\" \"$1\""
        try #require(try ProgramRun("/bin/sh", "-c", script, "sh", user.program, mode).status == 0)
        for command in ["record -- true", "doctor", "report \(session)", "--help"] {
            let run = try user.shell("$program \(command)")
            #expect(run.status == (command.hasPrefix("record") ? 125 : 77) && run.output == "")
            #expect(run.error.split(separator: "\n").count == 1 && run.error.contains("setuid"))
        }
    }
}
