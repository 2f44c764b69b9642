import Reports
import SpawnModel
import Testing

/// Each kind where it must be found, and where it must not.
@Suite struct FindingsTests {
    private func kinds(_ spawns: [MadeSpawn]) -> [Finding.Kind] {
        SpawnAggregate.report(of: spawns).findings.map(\.kind)
    }

    @Test func plainSpawnsHaveNoFindings() {
        #expect(kinds((0..<100).map { MadeSpawn(pid: 100 + $0) }).isEmpty)
        #expect(kinds([]).isEmpty)
    }

    @Test func aSearchAlongThePathIsFound() throws {
        let spawns = (0..<100).map { index in
            var made = MadeSpawn(pid: 100 + Int32(index))
            made.search(["/a/true", "/b/true", "/c/true"], nanoseconds: 30_000)
            return made
        }
        let finding = try #require(SpawnAggregate.report(of: spawns).findings.first)
        #expect(finding.kind == .pathSearch && finding.saving == 3_000_000 && finding.callSite == 1)
        #expect(
            finding.text
                == "PATH search: 300 execs failed in 3 directories until 100 spawns found the program, 3.00 ms."
                + " Give its full path.")
        // A single one takes less than a thousandth of the session.
        #expect(kinds([spawns[0]]).isEmpty)
    }

    /// Who calls from Python or JavaScript, without and with frames of its functions; from Perl there is no way.
    @Test func functionsThatCouldHaveNames() throws {
        func findings(_ stack: [String], others: Int = 0) -> [Finding] {
            var made = MadeSpawn(pid: 1)
            made.stack = stack
            let rest = (0..<others).map { MadeSpawn(pid: 100 + Int32($0)) }
            return SpawnAggregate.report(of: [made] + rest).findings
        }
        let python = ["main", "_PyEval_EvalFrameDefault", "subprocess_fork_exec", "vfork"]
        let node = [
            "main", "node::Start", "Builtins_JSEntry", "Builtins_InterpreterEntryTrampoline", "uv_spawn", "fork",
        ]
        for (stack, option) in [(python, "-X perf"), (node, "--perf-basic-prof")] {
            let finding = try #require(findings(stack).first)
            #expect(finding.kind == .unnamedFunctions && finding.saving == nil && finding.callSite == 1)
            #expect(
                finding.text.contains(option) && finding.text.contains(" 1 spawn came from them"), "\(finding.text)")
            #expect(findings(stack, others: 9).count == 1 && findings(stack, others: 20).isEmpty)
        }
        #expect(findings(["main", "py::build:/src/build.py"] + python.dropFirst()).isEmpty)
        #expect(findings(["main", "JS:~build /src/build.js:1:1"] + node.dropFirst()).isEmpty)
        #expect(findings(["main", "Perl_runops_standard", "Perl_pp_system", "fork"]).isEmpty)
    }

    /// No time is lost where the attempts failed in a program that never found any.
    @Test func failedChildrenAreNoSearchThatFound() {
        let spawns = (0..<100).map { index in
            var made = MadeSpawn(pid: 100 + Int32(index))
            made.search(["/a/true"], nanoseconds: 30_000)
            made.spawn.outcome = .failed
            return made
        }
        #expect(kinds(spawns).isEmpty)
    }

    private func fork(_ pid: Int32, create: UInt64, path: String? = "/bin/true", _ method: CreationMethod = .fork)
        -> MadeSpawn
    {
        var made = MadeSpawn(pid: pid, path: path, method: method)
        made.spawn.borders.creationBegan = made.spawn.borders.created - create
        return made
    }

    @Test func aForkOfALargeProcessIsFound() throws {
        let report = SpawnAggregate.report(of: [
            MadeSpawn(pid: 1), fork(2, create: 5_000_000), fork(3, create: 7_000_000),
        ])
        let finding = try #require(report.findings.first)
        #expect(finding.kind == .slowFork && finding.saving == 11_980_000)
        #expect(finding.text.contains("2 creations took 6.00 ms each, the fastest of the session 10.0 µs"))
    }

    @Test func quickForksWorkersAndVforksAreFine() {
        #expect(kinds((0..<100).map { fork(100 + $0, create: 200_000) }).isEmpty)
        #expect(kinds([MadeSpawn(pid: 1)] + (2..<50).map { fork($0, create: 5_000_000, path: nil) }).isEmpty)
        #expect(kinds([MadeSpawn(pid: 1)] + (2..<50).map { fork($0, create: 5_000_000, .vfork) }).isEmpty)
    }

    @Test func aSlowForkNamesThePageTables() throws {
        var made = [fork(2, create: 5_000_000), fork(3, create: 7_000_000)]
        for index in made.indices { made[index].spawn.spawnerPageTables = UInt64(index + 1) << 20 }
        let finding = try #require(SpawnAggregate.report(of: [MadeSpawn(pid: 1)] + made).findings.first)
        #expect(finding.text.hasPrefix("fork copied the page tables (1.50 MiB) of a large process: 2 creations took"))
    }

    /// Executions in `exec` nanoseconds with an environment of so many bytes.
    private func environments(_ bytes: UInt64?, exec: UInt64, path: String = "/bin/true", from pid: Int32 = 100)
        -> [MadeSpawn]
    {
        (0..<100).map { index in
            var made = MadeSpawn(pid: pid + Int32(index), path: path)
            made.spawn.environmentBytes = bytes
            made.spawn.borders.execReturned = made.spawn.borders.successfulAttempt.map { $0 + exec }
            made.stack = ["main", "site\(pid)"]
            return made
        }
    }

    @Test func aLargeEnvironmentIsFound() throws {
        // 0.4 µs for each KiB beyond four.
        let alone = try #require(SpawnAggregate.report(of: environments(104 << 10, exec: 300_000)).findings.first)
        #expect(alone.kind == .largeEnvironment && alone.saving == 4_000_000 && alone.callSite == 1)
        #expect(
            alone.text
                == "A large environment: 100 execs were given 104 KiB each, to copy it takes at least 4.00 ms."
                + " Pass only what the program needs.")
        // The same program with a small one in the same session says what it costs.
        let small = environments(2000, exec: 50_000, from: 500)
        let both = SpawnAggregate.report(of: environments(104 << 10, exec: 300_000) + small).findings
        #expect(both.map(\.saving) == [25_000_000] && both.map(\.callSite) == [1])
        #expect(
            try #require(both.first).text.contains(
                "given 104 KiB each: exec took 300 µs each, with a small one 50.0 µs. Pass"))
        // Another program does not.
        let other = environments(2000, exec: 50_000, path: "/bin/other", from: 500)
        #expect(
            SpawnAggregate.report(of: environments(104 << 10, exec: 300_000) + other).findings.map(\.saving)
                == [4_000_000])
    }

    @Test func usualEnvironmentsAndUnknownOnesAreFine() {
        #expect(kinds(environments(8 << 10, exec: 300_000)).isEmpty)
        #expect(kinds(environments(0, exec: 300_000)).isEmpty && kinds(environments(nil, exec: 300_000)).isEmpty)
        // Where it costs nothing beside the small ones.
        let small = environments(2000, exec: 300_000, from: 500)
        #expect(kinds(environments(104 << 10, exec: 290_000) + small).isEmpty)
    }

    private func samples(_ closing: Int, of all: Int, path: String? = "/bin/true") -> [MadeSpawn] {
        var made = MadeSpawn(pid: 100, path: path)
        made.spawn.borders.firstAttempt = made.spawn.borders.firstRun.map { $0 + 30_000_000 }
        made.spawn.borders.successfulAttempt = made.spawn.borders.firstAttempt
        made.spawn.borders.execReturned = made.spawn.borders.firstAttempt.map { $0 + 40_000 }
        for index in 0..<all { made.observations.addSample(isClosing: index < closing) }
        return [made]
    }

    @Test func closingDescriptorsIsFoundBySamples() throws {
        let finding = try #require(SpawnAggregate.report(of: samples(20, of: 30)).findings.first)
        #expect(finding.kind == .closingDescriptors && finding.saving == 20_000_000)
        #expect(
            finding.text
                == "Closing descriptors one by one: 20 of 30 cpu samples before the exec were in close, some 20.0 ms of"
                + " 30.0 ms. Use close_range(2), or O_CLOEXEC where they are opened.")
    }

    @Test func fewClosesAndNoSamplesAreFine() {
        #expect(kinds(samples(0, of: 0)).isEmpty && kinds(samples(0, of: 500)).isEmpty)
        #expect(kinds(samples(9, of: 9)).isEmpty && kinds(samples(20, of: 81)).isEmpty)
        // A worker's own work is no preparation.
        #expect(kinds(samples(20, of: 30, path: nil)).isEmpty)
    }

    private func shell(_ path: String, children: Int = 0, execs: Int = 1) -> [MadeSpawn] {
        (0..<20).map { index in
            var made = MadeSpawn(pid: 100 + Int32(index), path: path)
            made.spawn.execs = execs
            let ready = made.spawn.borders.execReturned ?? 0
            for _ in 0..<children { made.observations.addChild(at: ready + 500_000) }
            for _ in 0..<execs { made.observations.addExec(at: ready + 400_000) }
            return made
        }
    }

    @Test func aShellForOneProgramIsFound() throws {
        // Its overhead of 100 µs, and 500 until it made its child.
        let parent = try #require(SpawnAggregate.report(of: shell("/bin/sh", children: 1)).findings.first)
        #expect(parent.kind == .needlessShell && parent.saving == 20 * 600_000)
        // Its exec of 40 µs, and 400 until it executed the program.
        let replaced = try #require(SpawnAggregate.report(of: shell("/usr/bin/bash", execs: 2)).findings.first)
        #expect(replaced.kind == .needlessShell && replaced.saving == 20 * 440_000)
        #expect(replaced.text == "A shell only to start one program: 20 times, 8.80 ms. Start the program itself.")
    }

    @Test func shellsThatDoMoreAndOtherProgramsAreFine() {
        #expect(kinds(shell("/bin/sh", children: 2)).isEmpty)
        #expect(kinds(shell("/bin/sh", children: 0)).isEmpty)
        #expect(kinds(shell("/bin/sh", children: 1, execs: 2)).isEmpty)
        #expect(kinds(shell("/usr/bin/env", execs: 2)).isEmpty)
        #expect(kinds(shell("/usr/bin/script.sh", children: 1)).isEmpty)
    }

    @Test func childrenThatNobodyReapsAreFound() throws {
        let spawns = (0..<10).map { index in
            var made = MadeSpawn(pid: 100 + Int32(index))
            made.spawn.borders.reaped = nil
            made.spawn.isUnreaped = index < 4
            return made
        }
        var report = SpawnAggregate.report(of: spawns)
        let finding = try #require(report.findings.first)
        #expect(finding.kind == .neverReaped && finding.saving == nil)
        #expect(finding.text.hasPrefix("Never reaped: 4 of 10 spawns stayed zombies"))
        // Nobody can say so where no waits were recorded.
        report.facts.coverage.remove(.waits)
        #expect(report.findings.isEmpty)
    }

    @Test func aWaiterThatPollsIsFound() throws {
        func spawns(waits: Int, reaped: Bool = true) -> [MadeSpawn] {
            (0..<4).map { index in
                var made = MadeSpawn(pid: 100 + Int32(index), end: 1100)
                made.spawn.borders.reaped = reaped ? 1_103_000_000 : nil
                made.observations.waits = waits
                return made
            }
        }
        let finding = try #require(SpawnAggregate.report(of: spawns(waits: 20)).findings.first)
        #expect(finding.kind == .pollingWait && finding.saving == 12_000_000)
        #expect(finding.text.hasPrefix("Waiting by polling: 80 waits for 4 children, taken 3.00 ms after the end"))
        // One wait that blocks, and Go's two.
        #expect(kinds(spawns(waits: 1)).isEmpty && kinds(spawns(waits: 2)).isEmpty)
        #expect(kinds(spawns(waits: 20, reaped: false)).isEmpty)
    }

    @Test func slowLinkingIsFoundWhereItIsKnown() throws {
        func spawns(link: UInt64?) -> [MadeSpawn] {
            (0..<50).map { index in
                var made = MadeSpawn(pid: 100 + Int32(index), end: 1100)
                made.spawn.borders.linked = link.flatMap { link in made.spawn.borders.execReturned.map { $0 + link } }
                return made
            }
        }
        let finding = try #require(SpawnAggregate.report(of: spawns(link: 300_000)).findings.first)
        #expect(finding.kind == .dynamicLinking && finding.saving == 15_000_000)
        #expect(finding.text.hasPrefix("Dynamic linking: 15.0 ms in 50 spawns, 75% of their overhead."))
        // Several call sites are one finding, at the one that pays most.
        var elsewhere = spawns(link: 400_000)
        for index in elsewhere.indices { elsewhere[index].stack = ["main", "other", "vfork"] }
        let both = SpawnAggregate.report(of: spawns(link: 300_000) + elsewhere).findings
        #expect(both.map(\.kind) == [.dynamicLinking] && both.map(\.callSite) == [2])
        #expect(kinds(spawns(link: 5_000)).isEmpty && kinds(spawns(link: nil)).isEmpty)
    }

    @Test func atMostFiveAndTheLargestSavingFirst() {
        let spawns = (0..<8).flatMap { site in
            (0..<10).map { index in
                var made = MadeSpawn(pid: Int32(site * 100 + index))
                made.stack = ["main", "site\(site)", "vfork"]
                made.search(["/a/true"], nanoseconds: UInt64(1 + site) * 200_000)
                made.spawn.isUnreaped = site == 0
                return made
            }
        }
        let findings = SpawnAggregate.report(of: spawns).findings
        #expect(findings.map(\.callSite) == [8, 7, 6, 5, 4])
        #expect(findings.compactMap(\.saving) == [16, 14, 12, 10, 8].map { $0 * 1_000_000 })
    }
}
