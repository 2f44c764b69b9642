internal import ArgumentParser

/// Finds where the command begins among the arguments of `record`: at the first word that is neither an option nor an
/// option's value. All that follows belongs to the command, as with perf and strace.
enum CommandStart {
    /// The arguments with `--` inserted before the command, unless it is there.
    static func marked(_ arguments: [String]) -> [String] {
        guard arguments.first == RecordCommand.configuration.commandName else { return arguments }
        for (index, word) in arguments.enumerated().dropFirst() {
            // A single dash is the value for standard output.
            if word == "--" { return arguments }
            guard !word.hasPrefix("-"), !word.isEmpty else { continue }
            let options = arguments[1..<index]
            // If the option before the word still needs a value, parsing fails and the word is that value.
            guard (try? RecordCommand.parse(options + ["--", word])) != nil else { continue }
            return Array(arguments[..<index]) + ["--"] + arguments[index...]
        }
        return arguments
    }
}
