import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

@Suite struct SelectionTests {
    @Test(
        arguments: [
            ("git", "/usr/bin/git", true), ("git", "git", true), ("git", "/usr/git/x", false),
            ("*/git", "/usr/bin/git", true),
            ("*/git", "git", false), ("/usr/*", "/usr/bin/a/b", true), ("*", "", true), ("", "/bin/", true),
            ("", "/bin/x", false),
            ("cc?", "/bin/cc1", true), ("cc?", "/bin/cc", false), ("cc[1-9]", "/bin/cc1", true),
            ("cc[!1-9]", "/bin/cc1", false),
            ("cc[^1]", "/bin/cc2", true), ("[]]", "]", true), ("[", "[", true), ("a[b", "a[b", true),
            ("\\*", "*", true),
            ("\\*", "x", false), ("*.o*.c", "/x.o.o.c", true), ("a*b*c", "aXbXbXc", true), ("a*b*c", "aXbXbX", false),
            ("[z-a]", "b", false), ("é?", "éa", true), ("\\", "\\", true),
        ])
    func globs(pattern: String, path: String, matches: Bool) {
        #expect(Glob(pattern).matches(path) == matches)
    }

    /// Against all ways to share the text among the stars.
    @Test(arguments: 1...10)
    func globsAsTheSlowWayFindsThem(seed: UInt64) {
        func slow(_ pattern: Substring, _ text: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return slow(pattern.dropFirst(), text) || !text.isEmpty && slow(pattern, text.dropFirst())
            }
            return !text.isEmpty && (first == "?" || first == text.first) && slow(pattern.dropFirst(), text.dropFirst())
        }
        var random = Xorshift(seed: seed &* 7919)
        for _ in 0..<500 {
            let pattern = "/" + String((0..<random.next(below: 7)).map { _ in "ab*?"[random.next(below: 4)] })
            let text = "/" + String((0..<random.next(below: 8)).map { _ in "ab"[random.next(below: 2)] })
            #expect(Glob(pattern).matches(text) == slow(pattern[...], text[...]), "seed \(seed): \(pattern) on \(text)")
        }
    }

    /// Many stars, and a text that is nearly a match.
    @Test func aHostileGlobEnds() {
        let pattern = String(repeating: "*a", count: 200) + "*b"
        #expect(!Glob(pattern).matches(String(repeating: "a", count: 5000)))
    }

    private func spawns() -> [MadeSpawn] {
        var cc = MadeSpawn(pid: 101, start: 1000, path: "/usr/bin/cc")
        cc.stack = ["main", "compile", "vfork"]
        var link = MadeSpawn(pid: 102, start: 1500, path: "/usr/bin/ld")
        link.stack = ["main", "link", "vfork"]
        link.spawn.isUnreaped = true
        var worker = MadeSpawn(pid: 103, start: 1900, path: nil)
        worker.spawn.parentPID = 101
        worker.spawn.borders.ended = nil
        return [cc, link, worker]
    }

    private func pids(_ change: (inout SpawnSelection) -> Void) -> [Int32] {
        var selection = SpawnSelection()
        change(&selection)
        var aggregate = SpawnAggregate(selection: selection)
        aggregate.start(at: 1_000_000_000)
        var selected: [Int32] = []
        for made in spawns() where aggregate.add(made) { selected.append(made.spawn.pid) }
        return selected
    }

    @Test func everyConditionSelects() {
        #expect(pids { _ in } == [101, 102, 103])
        #expect(pids { $0.program = Glob("cc") } == [101])
        #expect(pids { $0.callSite = "link" } == [102])
        #expect(pids { $0.callSite = "ain" } == [101, 102, 103])
        #expect(pids { $0.pid = 101 } == [101, 103])
        #expect(pids { $0.from = 500_000_000 } == [102, 103])
        #expect(pids { $0.to = 500_000_000 } == [101])
        #expect(pids { $0.outcome = .forked } == [103])
        #expect(pids { $0.outcome = .executed } == [101, 102])
        #expect(pids { $0.outcome = .unreaped } == [102])
        #expect(pids { $0.outcome = .unfinished } == [103])
        #expect(pids { $0.outcome = .orphaned } == [])
        #expect(
            pids {
                $0.program = Glob("*")
                $0.from = 500_000_000
                $0.to = 501_000_000
            } == [102])
    }

    /// What roots did belongs to no spawn, and so to no selection.
    @Test func rootsCountOnlyInTheWhole() {
        var whole = SpawnTotals()
        whole.execs = 10
        whole.failedAttempts = 5
        whole.failedCreations = 2
        var roots = SpawnObservations()
        roots.addFailure(FailureTable.Failure(path: "/x", errno: 13), 5)
        var everything = SpawnAggregate()
        everything.add(spawns()[0])
        everything.finish(whole, roots: roots)
        #expect(everything.totals.execs == 10 && everything.totals.failedCreations == 2)
        #expect(everything.failures == [SpawnAggregate.Failure(path: "/x", errno: 13, callSite: nil): 5])
        var selection = SpawnSelection()
        selection.program = Glob("cc")
        var some = SpawnAggregate(selection: selection)
        some.add(spawns()[0])
        some.finish(whole, roots: roots)
        #expect(some.totals.execs == 1 && some.totals.failedAttempts == 0 && some.failures.isEmpty)
    }

    /// Programs, call sites and failures of which every spawn has its own.
    @Test func memoryIsBoundedByALimit() {
        var aggregate = SpawnAggregate()
        for index in 0..<(SpawnAggregate.limit + 10) {
            var made = MadeSpawn(pid: 1, path: "/tmp/\(index)")
            made.observations.addFailure(FailureTable.Failure(path: "/none/\(index)", errno: 2))
            let place = aggregate.place(ofCallSite: UInt32(index), comm: "a") { ["main"] }
            let isSelected = aggregate.add(made.spawn, made.observations, callSite: place, sessionEnd: 0)
            #expect(isSelected)
        }
        #expect(
            aggregate.programs.count == SpawnAggregate.limit + 1
                && aggregate.callSites.count == aggregate.programs.count)
        #expect(aggregate.programs.last?.path == SpawnAggregate.others && aggregate.programs.last?.spawns == 10)
        #expect(aggregate.callSites.last?.stack == [SpawnAggregate.others] && aggregate.callSites.last?.spawns == 10)
        #expect(aggregate.failures.count == SpawnAggregate.limit && aggregate.otherFailures == 10)
        #expect(aggregate.programs.reduce(0) { $0 + $1.spawns } == aggregate.totals.spawns)
    }
}

extension String {
    fileprivate subscript(index: Int) -> Character { self[self.index(startIndex, offsetBy: index)] }
}
