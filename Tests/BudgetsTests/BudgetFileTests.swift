import Budgets
import Testing

@Suite struct BudgetFileTests {
    @Test func everyKey() throws {
        let file = try BudgetFile(
            yaml: Array(
                """
                # a comment
                schema: spawnscope.budget/1
                budgets:
                  - name: whole run                 # no selector: everything
                    spawns: 120
                    execs: 121
                    forked: 1
                    failed: 2
                    failed_attempts: 3
                    unreaped: 0
                  - name: git
                    program: "*/git"
                    spawns: 3
                  - { name: 'renderer', callsite: main.render, spawns: 1, p50: {run: 1s}, p90: {create: 800ns},
                      p99: {exec: 2ms, overhead: 1.5us}, max: {total: 2.25s}, orphaned: 7 }
                """.utf8))
        #expect(file.budgets.map(\.name) == ["whole run", "git", "renderer"])
        #expect(file.budgets.map(\.position.line) == [4, 11, 14])
        let whole = file.budgets[0]
        #expect(whole.selector.isWholeRun && whole.position == .init(line: 4, column: 5))
        #expect(whole.limits.map(\.metric.name).joined(separator: " ") == allCounts)
        #expect(whole.limits.map(\.most) == [120, 121, 1, 2, 3, 0, 0])
        #expect(whole.limits.map { $0.source == nil } == [false, false, false, false, false, false, true])
        #expect(whole.limits[1].source?.position == .init(line: 6, column: 12))
        #expect(file.budgets[1].selector.programPattern == "*/git" && file.budgets[1].limits.map(\.most) == [3, 0, 0])
        let times = file.budgets[2].limits.filter(\.metric.isTime)
        #expect(times.map(\.metric.name) == ["p50.run", "p90.create", "p99.exec", "p99.overhead", "max.total"])
        #expect(times.map(\.most) == [1_000_000_000, 800, 2_000_000, 1500, 2_250_000_000])
        #expect(file.budgets[2].selector.callSite == "main.render")
    }

    private let allCounts = "spawns execs forked failed failed_attempts unreaped orphaned"

    /// The text, with the place of the mistake and a word of what is said.
    @Test(
        arguments: [
            ("", "b.yml:1:1: is empty"), ("# nothing\n", "b.yml:2:1: is empty"),
            ("budgets: [{name: a, spawns: 1}]", "b.yml:1:1: the file has no 'schema'"),
            ("schema: spawnscope.budget/1\n", "b.yml:1:1: the file has no 'budgets'"),
            ("schema: spawnscope.budget/2\nbudgets: []", "b.yml:1:9: the schema is 'spawnscope.budget/2'"),
            ("schema: spawnscope.budget/1\nbudgets: []", "b.yml:2:10: budgets is to be a list"),
            ("schema: spawnscope.budget/1\nbudgets: 3", "b.yml:2:10: budgets is to be a list"),
            ("schema: spawnscope.budget/1\nbudget: 3", "b.yml:2:1: unknown key 'budget'"),
            ("[1, 2]", "b.yml:1:1: the file is to be keys"), ("schema: [1]", "b.yml:1:9: schema is to be a text"),
            ("? [a]\n: b", "b.yml:1:3: a key is to be a plain word"),
            ("a: b: c", "b.yml:1:5: is no YAML"), ("schema: \"unclosed", "b.yml:1:"),
            ("\t- x", "b.yml:1:1: is no YAML"),
            ("schema: x\n---\nschema: y", "b.yml:2:1: a second document begins"),
            ("a: &x 1", "b.yml:1:4: anchors and aliases"),
        ])
    func whatIsNoBudgetFile(text: String, message: String) { expect(text, message) }

    private func expect(_ text: String, _ message: String) {
        let bytes = Array(text.utf8)
        let error = #expect(throws: BudgetFileError.self) { try BudgetFile(yaml: bytes) }
        let said = error?.message(path: "b.yml") ?? ""
        #expect(said.hasPrefix(message) && !said.contains("\n"), "\(said)")
    }

    @Test(
        arguments: [
            ("- spawns: 1", "3:3: this budget has no 'name'"), ("- 3", "3:3: a budget is to be keys"),
            ("- name: a", "3:3: budget 'a' limits nothing"), ("- name: ''\n  spawns: 1", "3:9: name is empty"),
            ("- name:\n  spawns: 1", "3:8: name is empty"), ("- name: ~\n  spawns: 1", "3:9: name is empty"),
            ("- name: a\n  spawn: 1", "4:3: unknown key 'spawn': the keys here are name, program"),
            ("- name: a\n  spawns: 1\n  spawns: 2", "5:3: 'spawns' stands here twice"),
            ("- {name: a, spawns: 1}\n- {name: a, spawns: 1}", "4:3: the budget of line 3 is called 'a'"),
            ("- name: a\n  spawns: -1", "4:11: spawns: '-1' is no whole number"),
            ("- name: a\n  spawns: 1.5", "4:11: spawns: '1.5' is no whole number"),
            ("- name: a\n  spawns: 010", "4:11: spawns: '010' is no whole number"),
            ("- name: a\n  spawns: 1_000", "4:11: spawns: '1_000' is no whole"),
            ("- name: a\n  spawns: '1'", "4:11: spawns: '1' is no whole number"),
            ("- name: a\n  spawns: 0x10", "4:11: spawns: '0x10' is no whole number"),
            ("- name: a\n  spawns: ١", "4:11: spawns: '١' is no whole number"),
            ("- name: a\n  spawns: 9223372036854775808", "4:11: spawns: '9223372036854775808' is no whole number"),
            ("- name: a\n  spawns: 99999999999999999999", "4:11: spawns: '99999999999999999999' is no whole number"),
            ("- name: a\n  spawns:", "4:10: spawns: '' is no whole number"),
            ("- name: a\n  spawns: [1]", "4:11: spawns is to be a whole number"),
            ("- name: a\n  program: {}\n  spawns: 1", "4:12: program is to be a text"),
            ("- name: a\n  program: ''\n  spawns: 1", "4:12: program is empty"),
            ("- name: a\n  program: git\n  forked: 1", "5:11: forked: a spawn with a program"),
            ("- name: a\n  program: git\n  failed: 1", "5:11: failed: a spawn with a program"),
            ("- name: a\n  p99: 2ms", "4:8: p99 is to be keys with values: create"),
            ("- name: a\n  p99: {}", "4:8: p99 is to be times by phase"),
            ("- name: a\n  p98: {exec: 2ms}", "4:3: unknown key 'p98'"),
            ("- name: a\n  p99: {execs: 2ms}", "4:9: unknown key 'execs': the keys here are create, wake"),
            ("- name: a\n  p99: {exec: 2}", "4:15: p99.exec: '2' is no time"),
            ("- name: a\n  p99: {exec: 2 ms}", "4:15: p99.exec: '2 ms' is no time"),
            ("- name: a\n  p99: {exec: -2ms}", "4:15: p99.exec: '-2ms' is no time"),
            ("- name: a\n  p99: {exec: 1.2.3ms}", "4:15: p99.exec: '1.2.3ms' is no time"),
            ("- name: a\n  p99: {exec: 1.5ns}", "4:15: p99.exec: '1.5ns' is no time"),
            ("- name: a\n  p99: {exec: .5ms}", "4:15: p99.exec: '.5ms' is no time"),
            ("- name: a\n  p99: {exec: 5.ms}", "4:15: p99.exec: '5.ms' is no time"),
            ("- name: a\n  p99: {exec: ms}", "4:15: p99.exec: 'ms' is no time"),
            ("- name: a\n  p99: {exec: 99999999999s}", "4:15: p99.exec: '99999999999s' is no time"),
            ("- name: a\n  p99: {exec: [2ms]}", "4:15: p99.exec is to be a time"),
            ("- name: a\n  program: */git\n  spawns: 1", "4:13: is no YAML"),
            ("- &a {name: a, spawns: 1}\n- *a", "3:3: anchors and aliases"),
            ("- name: a\n  spawns: *a", "4:11: anchors and aliases"),
            ("- name: !!str a\n  spawns: 1", "3:9: tags"), ("- !x {name: a}", "3:3: tags"),
            ("- name: a\n  spawns: [[[[[[[[[[]]]]]]]]]]", "4:16: is nested too deeply"),
        ])
    func mistakesHaveAPlace(budgets: String, message: String) {
        expect("schema: spawnscope.budget/1\nbudgets:\n\(budgets)", "b.yml:\(message)")
    }

    @Test func bytesThatAreNoText() {
        for (bytes, line) in [([0xff, 0xfe], 1), ([0x61, 0x3a, 0x0a, 0xc3, 0x28], 2), ([0x00], 1), ([0x1b], 1)] {
            let error = #expect(throws: BudgetFileError.self) { try BudgetFile(yaml: bytes.map { UInt8($0) }) }
            #expect(error?.message(path: "b").hasPrefix("b:\(line):1: is no UTF-8 text") == true, "\(bytes)")
        }
    }

    @Test func tooMuch() {
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: BudgetFile.mostBytes + 1)
        #expect(throws: BudgetFileError(.tooLarge(bytes: large.count))) { try BudgetFile(yaml: large) }
        let many = (0...BudgetFile.mostBudgets).map { "- {name: n\($0), spawns: 1}" }.joined(separator: "\n")
        #expect(throws: BudgetFileError(.tooManyBudgets, at: .init(line: 3, column: 1))) { try BudgetFile(many) }
        // An opened list for each byte.
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: BudgetFile.mostBytes)
        let error = #expect(throws: BudgetFileError.self) { try BudgetFile(yaml: deep) }
        #expect(error?.kind == .tooDeep)
    }

    @Test func formsOfText() throws {
        for prefix in ["\u{feff}", "%YAML 1.2\n---\n", "---\n", "\r\n"] {
            let text = "\(prefix)schema: spawnscope.budget/1\r\nbudgets:\r\n- name: ü\r\n  spawns: 1\r\n...\n"
            #expect(try BudgetFile(yaml: Array(text.utf8)).budgets.first?.name == "ü")
        }
    }

    @Test(
        arguments: [
            ("main.render", ["a", "main.render", "b"], true), ("main", ["x", "domain"], true), ("main", ["x"], false),
            ("a > b", ["a", "x", "b"], true), ("a > b", ["b", "a"], false), ("a > b", ["a > b"], true),
            ("a > a", ["a"], false), ("a > a", ["a", "a"], true), (" > ", ["a"], false), ("main", [], false),
        ] as [(String, [String], Bool)])
    func callSitesAreSelected(text: String, stack: [String], isSelected: Bool) {
        #expect(BudgetSelector(program: nil, callSite: text).selects(callSite: stack) == isSelected)
    }

    @Test func programsAreSelected() {
        #expect(BudgetSelector(program: "*/git", callSite: nil).selects(programs: ["/usr/bin/git"]))
        #expect(BudgetSelector(program: "git", callSite: nil).selects(programs: ["/usr/bin/git"]))
        #expect(!BudgetSelector(program: "*/git", callSite: nil).selects(programs: []))
        #expect(BudgetSelector(program: nil, callSite: "main").selects(programs: []))
    }
}
