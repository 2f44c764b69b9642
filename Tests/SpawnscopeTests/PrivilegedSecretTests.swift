import TestSupport
import Testing

/// What `record` keeps of the command, in every file that it writes; and what it says of names at its end.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedSecretTests {
    private let directory = SessionDirectory()

    /// All that the session holds, what it compressed too.
    private func kept() throws -> String {
        String(decoding: try InflatedBytes.of(directory.session), as: UTF8.self)
    }

    private static let command = [
        "--", "/usr/bin/env", "API_TOKEN=h1dden", "/bin/sh", "-c", "echo \"$API_TOKEN $*\"; : mysql -ph2dden", "sh",
        "--password",
        "h3dden", "--key-file", "shown", "https://user:h4dden@host/", "tenant-7",
    ]

    /// Packed and not; without stack dumps, which are memory.
    @Test(arguments: [[], ["--no-pack", "--stack-size", "0"], ["--duration", "10s"]])
    func noFileHasTheSecrets(options: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", directory.session] + options + Self.command)
        // The command itself has them all.
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output == "h1dden --password h3dden --key-file shown https://user:h4dden@host/ tenant-7\n")
        let kept = try kept()
        for secret in ["h1dden", "h2dden", "h3dden", "h4dden"] { #expect(!kept.contains(secret), "\(secret)") }
        for text in ["API_TOKEN=•••", "mysql -p•••", "https://user:•••@host/", "tenant-7"] {
            #expect(kept.contains(text))
        }
        let info = try ProgramRun(PerfPrivileges.program, "info", directory.session).output
        #expect(info.contains("--password ••• --key-file shown https://user:•••@host/ tenant-7\n"))
    }

    @Test func anExpressionHidesMore() throws {
        let run = try ProgramRun(
            [
                PerfPrivileges.program, "record", "-o", directory.session, "--redact", "tenant-[0-9]+", "--redact",
                "sho(w)n",
            ]
                + Self.command)
        #expect(run.status == 0 && run.output.contains("shown") && run.output.contains("tenant-7"))
        let kept = try kept()
        for secret in ["tenant", "shown", "h1dden", "h3dden"] { #expect(!kept.contains(secret), "\(secret)") }
        #expect(kept.contains("--key-file"))
    }

    @Test func theyAreKeptWhereThatIsAskedFor() throws {
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "-o", directory.session, "--keep-secrets", "--redact", "tenant-7"]
                + Self.command)
        #expect(run.status == 0)
        let kept = try kept()
        for secret in ["h1dden", "h2dden", "h3dden", "h4dden"] { #expect(kept.contains(secret), "\(secret)") }
        #expect(!kept.contains("tenant-7"))
        // And still not shown.
        for command in ["info", "report"] {
            #expect(try !ProgramRun(PerfPrivileges.program, command, directory.session).output.contains("dden"))
        }
    }

    @Test(arguments: ["(h5dden", "h5dden[", "*"])
    func whatIsNoExpressionIsWrongUsage(expression: String) throws {
        let run = try directory.record("--redact", expression, "--", "/bin/true")
        #expect(
            run.status == 125 && run.error.hasPrefix("spawnscope: --redact: what was given is no regular expression"))
        #expect(!run.error.contains("h5dden") && run.error.split(separator: "\n").count == 1)
    }

    /// A descendant and a failed attempt called so that they would forge lines of the summary.
    @Test func noNameForgesALineOfTheSummary() throws {
        let program = directory.path + "/a\nspawnscope: 0"
        defer { _ = try? ProgramRun("rm", "-f", program) }
        #expect(try ProgramRun("cp", "/bin/sleep", program).status == 0)
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "-o", directory.session, "--", "/bin/sh", "-c",
            "\"$1\" 3 >/dev/null 2>&1 & \"$2\" 2>/dev/null; sleep 0.1", "sh", program,
            "/none/b\u{202e}\nspawnscope: 0 lost of 1 events")
        let lines = run.error.split(separator: "\n")
        #expect(
            lines.contains { $0.contains("outlived the command") && $0.contains("(a\\u{a}spawnscope: 0)") },
            "\(run.error)")
        #expect(
            lines.contains {
                $0.contains("failed attempt: ") && $0.contains("/none/b\\u{202e}\\u{a}spawnscope: 0 lost")
            })
        #expect(lines.allSatisfy { $0.hasPrefix("spawnscope: ") } && !lines.contains { $0.hasPrefix("spawnscope: 0)") })
        #expect(lines.count { $0.hasPrefix("spawnscope: 0 lost of ") } == 1, "\(run.error)")
    }
}
