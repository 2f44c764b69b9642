import Budgets
import Reports
import SpawnModel
import SpawnStatistics

extension FuzzTarget {
    /// A committed budget file: read, held against a session, updated and read again.
    static let budget = FuzzTarget("budget", longest: 1 << 12) { bytes in
        let file: BudgetFile
        do throws(BudgetFileError) {
            file = try BudgetFile(yaml: bytes)
        } catch {
            precondition(!error.message(path: "f").contains("\n"))
            return
        }
        for budget in file.budgets {
            for path in ["/usr/bin/git", "/opt/a[b]/c*", "", String(repeating: "a/", count: 40)] {
                _ = budget.selector.selects(programs: [path])
            }
            _ = budget.selector.selects(callSite: ["_start", "main", "main.render", "b", "vfork"])
        }
        var aggregate = SpawnAggregate()
        aggregate.finish(SpawnTotals(), roots: SpawnObservations())
        var facts = SessionFacts()
        facts.coverage = EventCoverage(rawValue: 0x3ff)
        let verdict = BudgetEvaluation(file).verdict(Report(facts: facts, spawns: aggregate), doubts: [])
        precondition(verdict.textLines(path: "f").allSatisfy { !$0.contains("\n") })
        _ = verdict.json(path: "f")
        _ = verdict.markdown(path: "f")
        _ = verdict.jUnit(path: "f")
        let update = BudgetUpdate(of: bytes, to: verdict)
        precondition((try? BudgetFile(yaml: update.bytes)) != nil, "an updated file can be read")
        _ = UnifiedDiff.lines(from: bytes, to: update.bytes, path: "f")
    }
}
