internal import ArgumentParser

/// Finds where the command begins among the arguments of `record`: at the first word that is neither an option nor an
/// option's value. All that follows belongs to the command, as with perf and strace.
enum CommandStart {
    /// The options of `record` that a value follows. Told here, since asking the parser takes a parse for each word that
    /// may be the command, which is milliseconds of every recording.
    private static let optionsWithValue: [String] = [
        "--budget", "--budget-format", "--budget-output", "--cgroup", "--comparison", "--container", "--duration",
        "--event", "--filter", "--max-size", "--output", "--pid", "--probe", "--recorder", "--redact", "--require",
        "--ring-size", "--sample", "--stack-size", "--unit", "--user",
    ]
    private static let lettersWithValue = "eopu"

    /// The arguments with `--` inserted before the command, unless it is there.
    static func marked(_ arguments: [String]) -> [String] {
        guard arguments.first == RecordCommand.configuration.commandName else { return arguments }
        var values = 0
        for (index, word) in arguments.enumerated().dropFirst() {
            if word == "--" { return arguments }
            // A single dash is a value: standard output.
            if word.hasPrefix("-"), word != "-" {
                values = valuesBehind(word)
            } else if values > 0 {
                values -= 1
            } else if !word.isEmpty, word != "-" {
                return Array(arguments[..<index]) + ["--"] + arguments[index...]
            }
        }
        return arguments
    }

    /// How many values follow an option, or several in one word, such as `-qo`.
    private static func valuesBehind(_ option: String) -> Int {
        // `--name=value` has its own.
        if option.contains("=") { return 0 }
        if option.hasPrefix("--") { return optionsWithValue.contains(option) ? 1 : 0 }
        return option.dropFirst().count { lettersWithValue.contains($0) }
    }
}
