import SpawnModel
import SpawnStatistics
import TestSupport
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

    /// One name in several directories is a search, and nothing else is: other names tried one after the other, one directory, an
    /// attempt whose path nobody could read, and a failure that ends a search.
    @Test func otherAttemptsAreNoSearch() {
        func found(_ paths: [String?], errno: Int32 = 2, then path: String = "/usr/bin/true") -> Bool {
            let spawns = (0..<100).map { index in
                var made = MadeSpawn(pid: 100 + Int32(index), path: path)
                made.search([], nanoseconds: 30_000)
                made.spawn.failedAttempts = paths.count
                for path in paths { made.observations.addFailure(FailureTable.Failure(path: path, errno: errno)) }
                made.observations.addExec()
                // What the program attempts is its own.
                made.observations.addFailure(FailureTable.Failure(path: "/else/where", errno: 2))
                return made
            }
            return kinds(spawns) == [.pathSearch]
        }
        #expect(found(["/a/true"]) && found(["/a/true", "/b/true"]) && found(["/a/true"], errno: 13))
        #expect(!found(["/bin/editor", "/bin/nano"]) && !found(["/a/cc", "/a/gcc"], then: "/a/clang"))
        #expect(!found(["/usr/bin/true", "/usr/bin/true"]))
        #expect(!found(["/a/true", nil]) && !found([nil]))
        #expect(!found(["/a/true"], errno: 8) && !found(["/a/true"], errno: 7))
        #expect(!found([]))
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

    /// `tables` in KiB.
    private func fork(
        _ pid: Int32, create: UInt64, tables: UInt64? = 8192, path: String? = "/bin/true",
        _ method: CreationMethod = .fork,
        comm: String = "server"
    ) -> MadeSpawn {
        var made = MadeSpawn(pid: pid, path: path, method: method)
        made.spawn.borders.creationBegan = made.spawn.borders.created - create
        made.spawn.spawnerPageTables = tables.map { $0 << 10 }
        made.comm = comm
        return made
    }

    /// The fastest of the session is a vfork, which is no measure of forks.
    @Test func aForkOfALargeProcessIsFound() throws {
        let large = [fork(2, create: 5_000_000), fork(3, create: 7_000_000, tables: 8200), fork(4, create: 90_000_000)]
        let alone = try #require(SpawnAggregate.report(of: [MadeSpawn(pid: 1)] + large).findings.first)
        #expect(alone.kind == .slowFork && abs(Int(alone.saving ?? 0) - 3 * 6_900_000) < 300_000)
        #expect(alone.text.hasPrefix("fork copied the page tables (8."))
        #expect(alone.text.contains(" of a large process: 3 creations took 6.9") || alone.text.contains("took 7.0"))
        #expect(alone.text.hasSuffix(" each (median). Use posix_spawn or vfork."))
        let small = (10..<20).map { fork($0, create: 80_000, tables: 60, comm: "init") }
        let compared = try #require(SpawnAggregate.report(of: small + large).findings.first)
        #expect(compared.text.contains("each (median), one of a small process 80."), "\(compared.text)")
    }

    /// Page tables decide, not the time: a small process that was preempted copied nothing for long.
    @Test func smallProcessesWorkersAndVforksAreFine() {
        #expect(kinds((0..<100).map { fork(100 + $0, create: 200_000, tables: 100) }).isEmpty)
        #expect(kinds([fork(2, create: 60_000, tables: 36), fork(3, create: 5_000_000, tables: 36)]).isEmpty)
        #expect(kinds([fork(2, create: 6_000_000, tables: 2048), fork(3, create: 5_000_000, tables: 2048)]).isEmpty)
        #expect(kinds((0..<9).map { fork(100 + $0, create: 5_000_000, tables: $0 < 5 ? 60 : 9000) }).isEmpty)
        #expect(kinds((2..<50).map { fork($0, create: 5_000_000, tables: nil) }).isEmpty)
        #expect(kinds([MadeSpawn(pid: 1)] + (2..<50).map { fork($0, create: 5_000_000, path: nil) }).isEmpty)
        #expect(kinds([MadeSpawn(pid: 1)] + (2..<50).map { fork($0, create: 5_000_000, .vfork) }).isEmpty)
    }

    @Test(arguments: [
        ("server", "Use posix_spawn or vfork."),
        ("python3.11", "Use subprocess without preexec_fn, or os.posix_spawn."),
        ("node", "Start programs from a small process, made before this one grows."),
        ("shutter", "Use posix_spawn or vfork."),
        ("bash", "Start programs from a small process, made before this one grows."),
    ])
    func whatToDoOfASlowFork(comm: String, remedy: String) throws {
        let report = SpawnAggregate.report(of: (2..<9).map { fork($0, create: 5_000_000, comm: comm) })
        #expect(try #require(report.findings.first).text.hasSuffix(" (median). " + remedy))
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
                made.spawn.polls = waits
                return made
            }
        }
        let finding = try #require(SpawnAggregate.report(of: spawns(waits: 20)).findings.first)
        #expect(finding.kind == .pollingWait && finding.saving == 12_000_000)
        #expect(
            finding.text.hasPrefix(
                "Waiting by polling: 80 waits for 4 children returned nothing, each taken 3.00 ms late on average. Block"
            ))
        // One wait that blocks, and Go's two.
        #expect(kinds(spawns(waits: 1)).isEmpty && kinds(spawns(waits: 2)).isEmpty)
        #expect(kinds(spawns(waits: 20, reaped: false)).isEmpty)
    }

    @Test func slowLinkingIsFoundWhereItIsKnown() throws {
        func spawns(link: UInt64?, path: String = "/home/me/tool") -> [MadeSpawn] {
            (0..<50).map { index in
                var made = MadeSpawn(pid: 100 + Int32(index), end: 1100, path: path)
                made.spawn.borders.linked = link.flatMap { link in made.spawn.borders.execReturned.map { $0 + link } }
                return made
            }
        }
        let finding = try #require(SpawnAggregate.report(of: spawns(link: 300_000)).findings.first)
        #expect(finding.kind == .dynamicLinking && finding.saving == 15_000_000)
        #expect(
            finding.text.hasPrefix(
                "Dynamic linking: 15.0 ms in 50 spawns of programs of your own, 75% of their overhead."))
        // Several call sites are one finding, at the one that pays most.
        var elsewhere = spawns(link: 400_000)
        for index in elsewhere.indices { elsewhere[index].stack = ["main", "other", "vfork"] }
        let both = SpawnAggregate.report(of: spawns(link: 300_000) + elsewhere).findings
        #expect(both.map(\.kind) == [.dynamicLinking] && both.map(\.callSite) == [2])
        // Nobody links the system's programs anew.
        #expect(kinds(spawns(link: 300_000, path: "/usr/bin/git")).isEmpty)
        #expect(kinds(spawns(link: 5_000)).isEmpty && kinds(spawns(link: nil)).isEmpty)
    }

    @Test func atMostFiveAndTheLargestSavingFirst() {
        let spawns = (0..<8).flatMap { site in
            (0..<10).map { index in
                var made = MadeSpawn(pid: Int32(site * 100 + index))
                made.stack = ["main", "site\(site)", "vfork"]
                made.search(["/a/true", "/b/true"], nanoseconds: UInt64(1 + site) * 200_000)
                made.spawn.isUnreaped = site == 0
                return made
            }
        }
        let findings = SpawnAggregate.report(of: spawns).findings
        #expect(findings.map(\.callSite) == [8, 7, 6, 5, 4])
        #expect(findings.compactMap(\.saving) == [16, 14, 12, 10, 8].map { $0 * 1_000_000 })
    }
}
