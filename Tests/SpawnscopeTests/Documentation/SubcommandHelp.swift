import TestSupport

/// What `spawnscope help` says.
enum SubcommandHelp {
    static let subcommands = [
        "record", "report", "fold", "flamegraph", "export", "compare", "budget", "pack", "info", "doctor",
    ]

    /// As wide as needed: what is wrapped cannot be typed.
    static func text(_ subcommand: String) throws -> String {
        try ProgramRun("/usr/bin/env", "COLUMNS=1000", PerfPrivileges.program, "help", subcommand).output
    }

    /// The names of the options that the section OPTIONS lists, short ones included: `-o`, `--output`.
    static func options(_ subcommand: String) throws -> Set<String> {
        let lines = try text(subcommand).split(separator: "\n").drop { $0 != "OPTIONS:" }.dropFirst()
        var found: Set<String> = []
        for line in lines where line.hasPrefix("  -") {
            // "-o, --output <output>", "--icicle/--no-icicle": two spaces or a value end the names.
            for word in line.dropFirst(2).split(whereSeparator: { " ,/".contains($0) }).prefix(while: {
                $0.hasPrefix("-")
            }) {
                found.insert(String(word))
            }
        }
        return found
    }

    /// The lines behind "Examples:", without the remarks beside them.
    static func examples(_ subcommand: String) throws -> [String] {
        let lines = try text(subcommand).split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "Examples:") else { return [] }
        return lines[(start + 1)...].prefix { $0.hasPrefix("  spawnscope ") || $0.hasPrefix("  sudo spawnscope ") }
            .map { line in
                let command = line.dropFirst(2)
                // Two spaces begin a remark.
                return String(command.firstRange(of: "  ").map { command[..<$0.lowerBound] } ?? command)
            }
    }
}
