import TestSupport

/// A directory for budget files, and runs of `budget` on them.
struct BudgetDirectory {
    let programs = FoldDirectory()
    var path: String { programs.path }
    var file: String { path + "/budget.yml" }

    /// Writes the budgets, the schema put before them.
    func write(_ budgets: String) throws {
        try Compiler.write(Array("schema: spawnscope.budget/1\nbudgets:\n\(budgets)\n".utf8), to: file)
    }

    func text() throws -> String { String(decoding: try Compiler.bytes(file), as: UTF8.self) }

    func budget(_ session: String, _ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "budget", session, "--file", file] + arguments)
    }
}
