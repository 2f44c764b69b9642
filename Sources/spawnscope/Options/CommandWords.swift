/// A command as one text, as words to execute: by itself where nothing in it is the shell's, otherwise in `/bin/sh -c`, as make(1)
/// decides it.
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
