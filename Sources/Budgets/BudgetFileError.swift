internal import Presentation
internal import Reports

/// An error in a budget file: what is wrong, where, and what to do.
package struct BudgetFileError: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case tooLarge(bytes: Int)
        /// Not UTF-8, or characters that YAML forbids; in libyaml's words.
        case notText(String)
        case syntax(String)
        case empty
        case severalDocuments
        case anchor
        case tag
        case tooDeep
        case wrongType(of: String, expected: String)
        case unknownKey(String, known: [String])
        case duplicateKey(String)
        case missingKey(String, of: String)
        case otherSchema(String)
        case notANumber(String, of: String)
        case notATime(String, of: String)
        case emptyText(of: String)
        case duplicateName(String, line: Int)
        case noLimit(name: String)
        /// The count is always 0, since a spawn with a program has executed.
        case neverMet(String)
        case tooManyBudgets
        /// Detected only with a session.
        case matchesNothing(name: String)
    }

    package var kind: Kind
    /// `nil` if the error is about the whole file.
    package var position: BudgetFile.Position?

    package init(_ kind: Kind, at position: BudgetFile.Position? = nil) {
        self.kind = kind
        self.position = position
    }

    /// One line, `FILE:LINE:COLUMN: …`, with texts from the file escaped.
    package func message(path: String) -> String {
        let place = position.map { ":\($0.line):\($0.column)" } ?? ""
        return ForeignText.shown("\(path)\(place): \(words)")
    }

    private var words: String {
        switch kind {
        case .tooLarge(let bytes):
            "has \(bytes) bytes, and a budget file at most \(BudgetFile.mostBytes): is it one?"
        case .notText(let problem): "is no UTF-8 text (\(problem)): save it as UTF-8"
        case .syntax(let problem):
            "is no YAML (\(problem)): check the indentation, and quote texts that begin with * & ! % @ or hold ': ' or ' #'"
        case .empty: "is empty: write one with 'spawnscope budget SESSION --file FILE --init' into a new file"
        case .severalDocuments: "a second document begins: keep one, and remove the line '---' or '...' before this"
        case .anchor:
            "anchors and aliases (&name, *name) are not for budget files: write the value out, or quote the text"
        case .tag: "tags (!name) are not for budget files: leave it out, or quote the text"
        case .tooDeep: "is nested too deeply: a budget is a list entry with keys, and its times one level below"
        case .wrongType(let key, let expected): "\(key) is to be \(expected)"
        case .unknownKey(let key, let known):
            "unknown key '\(key)': the keys here are \(known.joined(separator: ", "))"
        case .duplicateKey(let key): "'\(key)' stands here twice: keep one of them"
        case .missingKey(let key, let whose): "\(whose) has no '\(key)': add it"
        case .otherSchema(let schema):
            "the schema is '\(schema)', and this version reads '\(BudgetFile.schema)': use the Spawnscope that goes with it"
        case .notANumber(let text, let key): "\(key): '\(text)' is no whole number such as 12: write digits alone"
        case .notATime(let text, let key): "\(key): '\(text)' is no time such as 800us, 2ms or 1.5s"
        case .emptyText(let key): "\(key) is empty: write its text, or remove the key"
        case .duplicateName(let name, let line):
            "the budget of line \(line) is called '\(name)', too: rename one of them"
        case .noLimit(let name):
            "budget '\(name)' limits nothing: add spawns, execs, another count, or a time such as p99"
        case .neverMet(let key):
            "\(key): a spawn with a program has executed it, so that none counts here: limit it without 'program'"
        case .tooManyBudgets: "has more than \(BudgetFile.mostBudgets) budgets: keep those that say most"
        case .matchesNothing(let name):
            "budget '\(name)' matches no spawn of the session: correct its selector, or remove it with --update"
                + " (with 'spawns: 0' it would forbid them)"
        }
    }
}
