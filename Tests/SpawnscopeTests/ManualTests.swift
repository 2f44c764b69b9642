import Glibc
import TestSupport
import Testing

/// The manual page and the help tell of the same subcommands and options.
@Suite struct ManualTests {
    private static let manual: String = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        guard let file = fopen("/\(root)/spawnscope.1", "re") else { return "" }
        defer { fclose(file) }
        var text = ""
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, Int32(line.count), file) != nil {
            text += String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        // mdoc writes --frames as "Fl -frames".
        return text
    }()

    private static func options(_ help: String) -> Set<String> {
        var found: Set<String> = []
        for word in help.split(whereSeparator: { " \n,[]()|/".contains($0) })
        where word.hasPrefix("--") && word.count > 2 {
            found.insert(String(word.prefix { $0.isLetter || $0 == "-" }))
        }
        return found
    }

    @Test(arguments: [
        "record", "report", "fold", "flamegraph", "export", "compare", "budget", "pack", "info", "doctor",
    ])
    func everyOptionOfTheHelpIsInTheManual(command: String) throws {
        let run = try ProgramRun(PerfPrivileges.program, "help", command)
        #expect(run.status == 0)
        #expect(Self.manual.contains(".Ss \(command)\n"))
        for option in Self.options(run.output).subtracting(["--help", "--version"]) {
            #expect(Self.manual.contains("Fl \(option.dropFirst())"), "\(option) of \(command)")
        }
    }

    @Test func everyOptionOfTheManualIsInAHelp() throws {
        var known: Set<String> = []
        for command in [
            "record", "report", "fold", "flamegraph", "export", "compare", "budget", "pack", "info", "doctor",
        ] {
            known.formUnion(Self.options(try ProgramRun(PerfPrivileges.program, "help", command).output))
        }
        var checked = 0
        for line in Self.manual.split(separator: "\n") where line.hasPrefix(".It Fl") {
            for word in line.split(separator: " ") where word.hasPrefix("-") && word.count > 1 {
                #expect(known.contains("-\(word)"), "\(line)")
                checked += 1
            }
        }
        #expect(checked >= 8)
    }
}
