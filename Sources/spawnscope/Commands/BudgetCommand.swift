internal import Analysis
internal import ArgumentParser
internal import Budgets
internal import Glibc
internal import PerfData
internal import Reports

struct BudgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget",
        abstract: "Hold a session against a committed file that says how much it may spawn.",
        discussion: """
            The file says how many spawns, execs, failed attempts, unreaped children and so on the whole run, a program or \
            a call site may have at most. Where a limit is exceeded, the call sites that did it are named, new ones first.

            Exits with 0 within the budget, 1 over it, 3 where it cannot be told (events lost, the session cut short, the \
            command failed, a figure not known), 64 for wrong usage, 65 for a file with a mistake, 66 for a file that cannot be read, 73 for one that cannot be written.

            A budget that matches no spawn is kept, at 0, with a warning: what it limits is gone, or its selector is \
            mistaken. --strict-selectors makes it a mistake of the file (65).

            Examples:
              spawnscope budget --init                      write spawn-budget.yml from spawnscope.data
              spawnscope budget                             hold spawnscope.data against it
              spawnscope budget --update                    after a change that is meant: set its figures
              spawnscope budget ci.data --file ci.yml --format junit > budget.xml
              spawnscope record --budget spawn-budget.yml -- make check
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, markdown, junit
    }

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @Option(help: ArgumentHelp("The budget file.", valueName: "file"))
    var file = "spawn-budget.yml"

    @Option(
        help: "text for people and logs; json, one object; markdown for a pull request; or junit, an XML test report.")
    var format: Format?

    @Flag(name: .customLong("init"), help: "Write the file, which must not exist, from the session.")
    var initialize = false

    @Flag(
        help:
            "Set the counts in the file to those of the session, take out budgets that match nothing, and print the difference; all else in it stays."
    )
    var update = false

    @Flag(help: "The command may have failed: its exit status is no reason for doubt.")
    var ignoreFailure = false

    @Flag(help: "A budget that matches no spawn, and allows some, is a mistake: exit with 65.")
    var strictSelectors = false

    @OptionGroup var loudness: Loudness

    func validate() throws {
        if initialize, update {
            throw ValidationError("--init writes a new file and --update changes one: give one of them")
        }
        if initialize || update, format != nil || strictSelectors {
            let option = format != nil ? "--format" : "--strict-selectors"
            throw ValidationError("\(option) goes with a verdict, which --init and --update do not give")
        }
    }

    func run() throws {
        loudness.apply()
        do throws(BudgetCommandError) {
            if initialize {
                // Checked before the session is read; a file created meanwhile is detected on writing.
                guard unsafe access(file, F_OK) != 0 else { throw BudgetFileAccess.exists(file) }
            }
            let bytes = initialize ? [] : try BudgetFileAccess.bytes(file)
            try runWorker(bytes)
        } catch {
            if let message = error.message { Terminal.say(message) }
            throw error.status
        }
    }

    private func runWorker(_ bytes: [UInt8]) throws(BudgetCommandError) {
        do {
            try CommandWorker.run(sessions: [session], results: initialize || update ? [file] : []) { try work(bytes) }
        } catch {
            throw ((error as? ExitCode) ?? ExitStatus.software).silent
        }
    }

    private func work(_ bytes: [UInt8]) throws {
        do throws(BudgetCommandError) {
            if initialize { return try BudgetWriting(session, file, ignoreFailure).initialize() }
            let budget = try BudgetFileAccess.parse(bytes, path: file)
            if update { return try BudgetWriting(session, file, ignoreFailure).update(budget, bytes) }
            let check = try BudgetCheck(
                .forBudget(session), budget, path: file, ignoresFailure: ignoreFailure, isStrict: strictSelectors)
            if let failure = Terminal.write(check.rendered(format ?? .text)) { throw failure.silent }
            check.sayMistakes()
            guard check.status.isSuccess else { throw check.status.silent }
        } catch {
            if let message = error.message { Terminal.say(message) }
            throw error.status
        }
    }
}
