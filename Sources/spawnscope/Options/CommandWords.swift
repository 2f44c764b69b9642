/// Splits a command string into the words to execute. A command without shell syntax runs directly, any other in
/// `/bin/sh -c`, by the rule of GNU make.
enum CommandWords {
    private static let special = Set("#;\"*?[]&|<>(){}$`^~!'\\\n=%")
    private static let builtins: Set<Substring> = [
        ".", ":", "alias", "bg", "cd", "command", "eval", "exec", "exit", "export", "fg", "getopts", "hash", "if",
        "for", "case",
        "jobs", "read", "set", "shift", "times", "trap", "type", "ulimit", "umask", "unalias", "unset", "until", "wait",
        "while",
    ]

    static func of(_ command: String) -> [String] {
        let words = command.split { $0 == " " || $0 == "\t" }
        guard let first = words.first, !command.contains(where: special.contains), !builtins.contains(first) else {
            return ["/bin/sh", "-c", command]
        }
        return words.map(String.init)
    }
}
