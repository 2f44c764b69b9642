import ArgumentParser
import Capture

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this machine allows, and what to type to allow the rest.",
        discussion: """
            Exits with 0 if record would work here with a command, else with 69.

            Examples:
              spawnscope doctor
            """
    )

    func run() throws {
        let report = MachineReport()
        var lines: [String] = []
        for check in report.checks {
            let mark =
                switch check.state {
                case .fine: "ok     "
                case .limited: "limited"
                case .blocking: "NO     "
                }
            lines.append("\(mark)  \(check.subject): \(check.finding)")
            if let remedy = check.remedy { lines.append("         -> \(remedy)") }
        }
        lines.append(
            """
            cost     While a recording runs, every process of the machine takes the slow system-call path (a getppid of \
            82 ns takes 95 ns; --no-syscalls avoids it). A recorded spawn takes some 7 µs more by joined, and 30 µs by events, and \
            each event of another process 0.25 to 3.5 µs by events.
            """)
        lines.append(
            """
            names    Programs in C, C++, Rust, Swift and Go have their functions' names. Others have them if they are asked to: \
            python3 -X perf (3.12 or newer), node --perf-basic-prof --interpreted-frames-native-stack. Functions of shells have none.
            """)
        lines.append(
            !report.allowsRecording
                ? "spawnscope record does not work here yet."
                : report.hasHelper
                    ? "spawnscope record works here for your own programs, by spawnscope-capture."
                    : report.tellsPhases
                        ? "spawnscope record works here."
                        : report.allowsTracing
                            ? "spawnscope record -- COMMAND works here by ptrace, without phases and waits."
                            : "spawnscope record -- COMMAND works here by its own events: spawns, programs and lifetimes."
        )
        try Terminal.write(lines: lines)
        // EX_UNAVAILABLE of sysexits(3)
        if !report.allowsRecording { throw ExitCode(69) }
    }
}
