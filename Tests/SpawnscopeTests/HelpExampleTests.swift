import Glibc
import TestSupport
import Testing

/// Every example of every help is run as it stands, by a shell, in a directory that has what it names.
@Suite(.enabled(if: PerfPrivileges.available)) struct HelpExampleTests {
    private static let subcommands = [
        "record", "report", "fold", "flamegraph", "export", "compare", "budget", "pack", "info", "doctor",
    ]

    /// The lines behind "Examples:", without the remarks beside them.
    private static func examples(_ command: String) throws -> [String] {
        // As wide as needed: a command that is wrapped cannot be typed.
        let help = try ProgramRun("/usr/bin/env", "COLUMNS=1000", PerfPrivileges.program, "help", command)
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "Examples:") else { return [] }
        return lines[(start + 1)...].prefix { $0.hasPrefix("  spawnscope ") || $0.hasPrefix("  sudo spawnscope ") }.map
        { line in
            var words: [Substring] = []
            // Two spaces begin a remark.
            for word in line.dropFirst(2).split(separator: " ", omittingEmptySubsequences: false) {
                if word.isEmpty { break }
                words.append(word)
            }
            return words.joined(separator: " ")
        }
    }

    @Test func allSubcommandsAreKnownHere() throws {
        let help = try ProgramRun(PerfPrivileges.program, "--help").output
        let lines = help.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
        let named = lines.prefix { $0.hasPrefix("  ") }.filter { !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "See" }
        #expect(named == Self.subcommands)
    }

    @Test func everyExampleRuns() throws {
        let directory = try ExampleDirectory()
        var count = 0
        for command in Self.subcommands {
            let examples = try Self.examples(command)
            #expect(!examples.isEmpty, "\(command) has no example")
            for example in examples {
                let run = try directory.run(example)
                // One run a side tells of no time: that is the answer, and no failure.
                let isFine = run.status == 0 || (run.status == 3 && command == "compare")
                #expect(isFine, "\(example): \(run.status), \(run.error)")
                count += 1
            }
        }
        #expect(count >= 25)
    }
}

/// Sessions, a budget and a Makefile under the names that the examples use; programs of others are stood in for by `cat`.
private final class ExampleDirectory {
    let path: String

    init() throws {
        path = "/tmp/spawnscope-examples-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let run = try shell(
            """
            mkdir -p \(path)/bin && cd \(path)
            ln -s \(PerfPrivileges.program) bin/spawnscope
            for name in flamegraph.pl inferno-flamegraph; do printf '#!/bin/sh\\ncat\\n' >bin/$name; chmod +x bin/$name; done
            for name in old new; do printf '#!/bin/sh\\n/bin/true\\n' >$name; chmod +x $name; done
            printf 'all check:\\n\\t/bin/true; :\\n' >Makefile
            bin/spawnscope record -q --sample 999 -- make check
            for name in build main branch a b ci perf old new old1 new1 a1 b1; do cp spawnscope.data $name.data; done
            bin/spawnscope record -q --no-pack --sample 999 -o perf.data -- make check
            bin/spawnscope budget -q --init --file ci.yml
            bin/spawnscope budget -q --init --file record.yml
            """)
        guard run.status == 0 else { throw Failure(text: run.error) }
    }

    struct Failure: Error { var text: String }

    deinit { _ = try? shell("rm -rf -- \(path)") }

    func run(_ example: String) throws -> ProgramRun {
        // What only the reader's machine has: an event of a processor's counters, a process, ten seconds of it, a server.
        let command = example.replacing("--event cycles ", with: "--event cpu-clock ").replacing(
            "-p 4711 ", with: "-p $$ "
        )
        .replacing("--budget spawn-budget.yml", with: "--budget record.yml").replacing(
            "--duration 10s", with: "--duration 50ms"
        ).replacing("--runs 10 ", with: "--runs 1 ").replacing("sudo spawnscope", with: "USER=nobody; spawnscope")
        return try shell("cd \(path) && PATH=\(path)/bin:$PATH && export DEBUGINFOD_URLS=file:///none && \(command)")
    }

    private func shell(_ text: String) throws -> ProgramRun { try ProgramRun("/bin/sh", "-c", text) }
}
