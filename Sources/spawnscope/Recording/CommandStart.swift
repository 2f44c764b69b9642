internal import ArgumentParser

/// Where the words of a command begin among the arguments of `record`: at the first that is neither an option of it nor an option's value.
/// What follows is the command's own, as for perf and strace.
enum CommandStart {
    /// The arguments with a `--` before that word, where one is missing.
    static func marked(_ arguments: [String]) -> [String] {
        guard arguments.first == RecordCommand.configuration.commandName else { return arguments }
        for (index, word) in arguments.enumerated().dropFirst() {
            // A single dash is a value: standard output.
            if word == "--" { return arguments }
            guard !word.hasPrefix("-"), !word.isEmpty else { continue }
            let options = arguments[1..<index]
            // Behind an option that waits for its value this is none.
            guard (try? RecordCommand.parse(options + ["--", word])) != nil else { continue }
            return Array(arguments[..<index]) + ["--"] + arguments[index...]
        }
        return arguments
    }
}
