import Profiles
import Reports
import Session
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

@Suite struct TextReportTests {
    private func lines(_ report: Report, width: Int = 80, all: Bool = false, colours: Bool = false) -> [String] {
        var options = TextReport.Options()
        options.width = width
        options.showsAll = all
        options.isColoured = colours
        return TextReport(report, options).lines
    }

    @Test func theWholeOfASmallReport() {
        var failing = MadeSpawn(pid: 101, path: "/usr/bin/cc")
        failing.search(["/opt/bin/cc", "/usr/local/bin/cc"], nanoseconds: 1_500_000)
        failing.stack = ["_start", "main", "compile", "posix_spawn"]
        var leaked = MadeSpawn(pid: 102, start: 1500, end: 1520, path: nil, method: .fork)
        leaked.spawn.isUnreaped = true
        leaked.spawn.borders.reaped = nil
        let report = SpawnAggregate.report(of: [MadeSpawn(), failing, leaked])
        let expected = """
            make all
            1.00 s, 3 spawns (3.0/s): 2 executed, 1 forked, 0 failed
            2 execs; 2 failed attempts; made by fork 1, vfork 2
              blocked 300 µs (<1% of the time)
            3 of 3 spawns have all phases; 0 of 45 events lost; 0 of 3 stacks truncated
            in flight ▂                              ▆█ mean 0.0, busiest 2
            blocked   █                              ▅  mean 0.0, busiest 2

            PHASE       count      sum      p50      p90      p99      max  of overhead
            create          3  30.0 µs  10.0 µs  10.0 µs  10.0 µs  10.0 µs  ▏            2%
            wake            3  60.0 µs  20.0 µs  20.0 µs  20.0 µs  20.0 µs  ▎            3%
            prepare         2  60.0 µs  30.0 µs  30.0 µs  30.0 µs  30.0 µs  ▎            3%
            search          2  1.50 ms     0 ns  1.50 ms  1.50 ms  1.50 ms  ████████▋   87%
            exec            2  80.0 µs  40.0 µs  40.0 µs  40.0 µs  40.0 µs  ▍            5%
            link            –  part of run (record --link tells it)
            overhead        3  1.73 ms  99.8 µs  1.60 ms  1.60 ms  1.60 ms  7% of total
            run             3  22.3 ms  1.89 ms  20.0 ms  20.0 ms  20.0 ms  92% of total
            reap            2   100 µs  50.0 µs  50.0 µs  50.0 µs  50.0 µs  <1% of total

            CALL SITES  overhead      each   blocked    spawns  why
            1. main > compile [make]
                         1.60 ms   1.60 ms    100 µs         1  vfork, search 94%, cc
            2. main > build [make]
                          130 µs   65.0 µs    200 µs         2  fork, wake 31%, true

            FINDINGS
            - PATH search: 2 execs failed in 2 directories until 1 spawn found the program,
              1.50 ms. Give its full path. (call site 1)
            - Never reaped: 1 of 2 spawns stayed a zombie until the parent or the recording
              ended. Wait for each. (call site 2)

            PROGRAMS    overhead       run  run each    spawns  path
                          100 µs   1.90 ms   1.90 ms         1  /bin/true
                         1.60 ms    400 µs    400 µs         1  /usr/bin/cc

            FAILED ATTEMPTS
                     1  ENOENT /opt/bin/cc  (call site 1)
                     1  ENOENT /usr/local/bin/cc  (call site 1)

            LEAKS         unreaped    orphaned  unfinished  call site
                                 1           0           0  main > build [make]
            """
        #expect(lines(report).joined(separator: "\n") == expected)
    }

    /// Many of everything, with long and hostile names.
    @Test func eventsThatWereAskedFor() {
        var probe = EventCount(name: "probe_make:job_next")
        for _ in 0..<3 { probe.add(nil) }
        var faults = EventCount(name: "exceptions:page_fault_user")
        for _ in 0..<1990 { faults.add(.run) }
        for _ in 0..<9 { faults.add(.exec) }
        faults.add(nil)
        let spawns = SpawnAggregate.report(of: [MadeSpawn(), MadeSpawn(pid: 101)]).spawns
        let events = [probe, faults, EventCount(name: "tlb:tlb_flush")]
        let text = lines(Report(facts: SessionFacts(), spawns: spawns, events: events))
        let start = text.firstIndex { $0.hasPrefix("EVENTS") } ?? 0
        #expect(
            Array(text[start..<min(start + 5, text.count)]) == [
                "EVENTS       count  per spawn  event, and in which phases of spawns",
                "                 3        1.5  probe_make:job_next: no spawn's 100%",
                "             2,000    1,000.0  exceptions:page_fault_user",
                "                               run 100%, exec <1%, no spawn's <1%",
                "                 0        0.0  tlb:tlb_flush",
            ], "\(text)")
        #expect(!lines(Report(facts: SessionFacts(), spawns: spawns)).contains { $0.hasPrefix("EVENTS") })
    }

    /// Where they happened in the spawns of several call sites, and which signals of whom ended some.
    @Test func eventsAndSignalsByCallSite() {
        var often = MadeSpawn()
        for _ in 0..<3 { often.observations.addEvent(1, of: 2) }
        var once = MadeSpawn(pid: 101)
        once.stack = ["_start", "main", "other", "vfork"]
        once.observations.addEvent(1, of: 2)
        once.spawn.signal = 9
        once.spawn.signalSender = SignalSender(relation: .other, pid: 7, comm: "timeout")
        var faulty = MadeSpawn(pid: 102)
        faulty.spawn.signal = 11
        faulty.spawn.signalSender = SignalSender(relation: .kernel)
        var unknown = MadeSpawn(pid: 103)
        unknown.spawn.signal = 34
        let spawns = SpawnAggregate.report(of: [often, once, faulty, unknown]).spawns
        var faults = EventCount(name: "page_fault")
        for _ in 0..<4 { faults.add(.run) }
        let report = Report(facts: SessionFacts(), spawns: spawns, events: [EventCount(name: "none"), faults])
        let text = lines(report)
        #expect(text.contains { $0.hasSuffix("run 100%; 75% of spawns' in call site 1") }, "\(text)")
        #expect(text.contains("SIGNALS       spawns  ended by  (2 of 3, --all)"), "\(text)")
        #expect(text.contains("                   1  SIGKILL of timeout  (call site 2)"), "\(text)")
        let all = lines(report, all: true)
        #expect(all.contains("                               3 in call site 1's spawns, 1.0 each"), "\(all)")
        #expect(all.contains("                               1 in call site 2's spawns, 1.0 each"), "\(all)")
        #expect(all.contains("                   1  SIGSEGV of the kernel  (call site 1)"), "\(all)")
        #expect(all.contains("                   1  signal 34 of an unknown sender  (call site 1)"), "\(all)")
    }

    /// A row for each container and unit, where there are several.
    @Test func groups() {
        let id = String(repeating: "0123456789abcdef", count: 4)
        func made(_ path: String, pid: Int32) -> MadeSpawn {
            var made = MadeSpawn(pid: pid)
            made.group = ControlGroupName(path: path)
            return made
        }
        let first = made("/system.slice/docker-\(id).scope", pid: 100)
        let inside = made("/system.slice/docker-\(id).scope/init.scope", pid: 101)
        let unit = made("/system.slice/a\u{1b}[2Jb.service", pid: 102)
        #expect(!lines(SpawnAggregate.report(of: [first, first, MadeSpawn()])).contains { $0.hasPrefix("GROUPS") })
        let text = lines(SpawnAggregate.report(of: [first, first, inside, unit, MadeSpawn()]))
        let start = text.firstIndex { $0.hasPrefix("GROUPS") } ?? 0
        #expect(
            text[start...].prefix(4) == [
                "GROUPS      overhead       run  run each    spawns  container or unit",
                "              200 µs   3.80 ms   1.90 ms         2  container 0123456789ab",
                "              100 µs   1.90 ms   1.90 ms         1  a\\u{1b}[2Jb.service",
                "              100 µs   1.90 ms   1.90 ms         1  container 0123…b, init.scope",
            ])
        #expect(text.allSatisfy { !$0.contains("\u{1b}") })
    }

    /// The innermost frame that tells something has its lines beside it; all have them where all is shown.
    @Test func linesOfSource() throws {
        var aggregate = SpawnAggregate()
        aggregate.start(at: 1_000_000_000)
        let made = MadeSpawn()
        for comm in ["one", "two"] {
            let place = aggregate.place(ofCallSite: 7, comm: comm) { made.stack }
            let isAdded = aggregate.add(made.spawn, made.observations, callSite: place, sessionEnd: 9_000_000_000)
            #expect(isAdded)
        }
        let none = aggregate.place(ofCallSite: 8, comm: "none") { made.stack }
        _ = aggregate.add(made.spawn, made.observations, callSite: none, sessionEnd: 9_000_000_000)
        func line(_ file: String, _ line: Int) -> SourceLine { SourceLine(file: file, line: line) }
        let build = [3, 5, 40, 7].map { line("/src/tools/build.c", $0) } + [line("b\u{1b}.h", 1)]
        for (lines, expected) in [
            (Array(build[..<1]), "(build.c:3)"), (Array(build[..<2]), "(build.c:3, :5)"),
            (Array(build[..<3]), "(build.c:3, :5, :40)"), (build, "(build.c:3, :5, :40, …)"),
            ([build[0], build[4]], "(build.c:3, b\\u{1b}.h:1)"),
        ] {
            aggregate.setLines { $0 == 7 ? [[], [line("/src/main.c", 12)], lines, []] : [] }
            let report = Report(facts: SessionFacts(), spawns: aggregate)
            let text = self.lines(report)
            #expect(text.contains("1. main > build \(expected) [one]"), "\(text)")
            #expect(text.contains("3. main > build [none]"), "\(text)")
            let all = self.lines(report, all: true)
            #expect(all.contains("        main  /src/main.c:12") && all.contains("        vfork"), "\(all)")
            let places = lines.map { "\($0.file):\($0.line)" }.joined(separator: " ")
            #expect(all.contains("        build  \(places.replacing("\u{1b}", with: "\\u{1b}"))"), "\(all)")
        }
    }

    private func hostile(_ seed: UInt64) -> Report {
        var random = Xorshift(seed: seed)
        let names = [
            "main", "\u{1b}[31mred", "a\nb", "[truncated]", "[unknown]", String(repeating: "n", count: 300),
            "é\u{202e}x", "",
        ]
        func name() -> String { names[random.next(below: names.count)] }
        let spawns = (0..<200).map { index in
            let path = random.next(below: 4) == 0 ? nil : "/bin/" + name()
            var made = MadeSpawn(pid: Int32(index), path: path, method: CreationMethod.allCases[random.next(below: 3)])
            made.stack = (0..<random.next(below: 5)).map { _ in name() }
            made.comm = name()
            made.search(["/none/" + name()], nanoseconds: 20_000_000)
            made.spawn.isUnreaped = random.next(below: 2) == 0
            made.spawn.isOrphaned = random.next(below: 2) == 0
            made.spawn.polls = random.next(below: 20)
            return made
        }
        var report = SpawnAggregate.report(of: spawns)
        report.facts.command = [name(), name()]
        report.facts.lost = random.extreme()
        report.facts.isCut = true
        report.facts.coverage.remove(.exitCodes)
        return report
    }

    @Test(arguments: 1...20)
    func anyNamesKeepToTheWidthAndTheScreen(seed: UInt64) {
        let report = hostile(seed)
        for width in [0, 80, 120, 200] {
            let lines = lines(report, width: width)
            #expect(lines.allSatisfy { $0.count <= max(width, 80) }, "seed \(seed)")
            #expect(lines.count <= 50, "seed \(seed): \(lines.count)")
            // Without colours there is no control character, whatever names hold.
            #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) })
        }
        let all = lines(report, all: true)
        #expect(all.count > lines(report).count && !all.joined().contains("--all)"))
        #expect(!all.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
    }

    @Test func coloursAreOnlyAdded() {
        let report = hostile(5)
        let coloured = lines(report, colours: true).joined(separator: "\n")
        #expect(coloured.contains("\u{1b}[1m"))
        var plain = ""
        var isInCode = false
        for character in coloured {
            if character == "\u{1b}" { isInCode = true }
            if !isInCode { plain.append(character) }
            if isInCode, character == "m" { isInCode = false }
        }
        #expect(plain == lines(report).joined(separator: "\n"))
    }

    @Test func nothingAtAllIsAReportToo() {
        let report = Report(facts: SessionFacts(), spawns: SpawnAggregate())
        let lines = lines(report)
        #expect(lines[0] == "a recording without a command" && lines[1] == "0 spawns: 0 executed, 0 forked")
        #expect(lines.contains { $0.hasPrefix("not known: reap, unreaped, blocked in waiting") })
    }

    // MARK: - Parts

    @Test(
        arguments: [
            (
                ["_start", "main", "build", "run_tool", "posix_spawn", "__spawni", "clone3"],
                ["main", "build", "run_tool"]
            ),
            (
                [
                    "runtime.goexit.abi0", "runtime.main", "main.main", "main.runTool", "os/exec.(*Cmd).Run",
                    "os.StartProcess", "syscall.forkExec",
                ], ["main.main", "main.runTool"]
            ),
            (["a", "b", "c", "d", "e", "vfork"], ["c", "d", "e"]),
            (["_start", "__libc_start_main", "Py_RunMain", "[python3.11]", "_PyEval_EvalFrameDefault", "__vfork"], []),
            (["[truncated]", "[unknown]"], []), ([], []),
            // Functions of interpreted programs, but not of their languages' libraries.
            (
                [
                    "main", "py_trampoline_evaluator", "py::top:/src/a.py", "_PyEval_EvalFrameDefault",
                    "py::run:/usr/lib/python3.12/subprocess.py", "_PyEval_EvalFrameDefault", "do_fork_exec", "vfork",
                ], ["py::top:/src/a.py"]
            ),
            (
                [
                    "main", "node::Start", "Builtins_JSEntry", "JS:~top /src/a.js:1:1",
                    "JS:~spawnSync node:child_process:832:19", "node::SyncProcessRunner::Spawn", "uv_spawn", "fork",
                ], ["JS:~top /src/a.js:1:1"]
            ),
        ])
    func tellingFrames(stack: [String], expected: [String]) {
        #expect(TellingFrames.of(stack) == expected)
    }

    /// A call site without a telling frame says why.
    @Test(
        arguments: [
            (
                [
                    "_start", "Py_RunMain", "_PyEval_EvalFrameDefault", "slot_tp_init", "subprocess_fork_exec",
                    "do_fork_exec", "__vfork",
                ],
                "(a Python function) > subprocess_fork_exec"
            ),
            (
                ["main", "perl_run", "Perl_runops_standard", "Perl_pp_system", "__libc_fork", "_Fork"],
                "(a Perl function) > Perl_pp_system"
            ),
            (["_start", "[dash]", "[dash]", "__libc_fork", "_Fork"], "(no names in dash) > __libc_fork"),
            (["[truncated]", "clone3"], "(no own function named) > clone3"),
            (["[unknown]"], "(stack not known)"), ([], "(stack not known)"),
            // The program that embeds an interpreter has functions of its own.
            (["_start", "serve_request", "_PyEval_EvalFrameDefault", "os_fork", "fork"], "serve_request"),
        ])
    func whyNoFrameIsTelling(stack: [String], expected: String) throws {
        var made = MadeSpawn()
        made.stack = stack
        let text = lines(SpawnAggregate.report(of: [made])).joined(separator: "\n")
        #expect(text.contains("1. \(expected) [make]\n"))
    }
}
