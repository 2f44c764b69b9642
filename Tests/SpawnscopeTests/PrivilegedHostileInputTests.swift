import Glibc
import TestSupport
import Testing

/// What any user can leave lying about, recorded and read by the built program: `Scripts/bench/hostile` makes it and says what it is.
/// None of it costs more than its bytes on disk are worth, or waits for anything, and what is not read is told.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedHostileInputTests {
    private let directory = FoldDirectory()

    private static func hostileInputs(_ words: String...) throws -> ProgramRun {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try ProgramRun(["python3", "/\(root)/Scripts/bench", "make", "hostile-inputs"] + words)
    }

    private static let missing = "which is missing or of another build"
    private static let programs: KeyValuePairs<String, String> = [
        "plain": "",
        // Names that stand for longer ones.
        "cpp_doubling": "has names that would be too long", "cpp_conversions": "has names that would be too long",
        "rust_doubling": "has names that would be too long", "swift_doubling": "has names that would be too long",
        // Debug files that are none.
        "split_fifo": missing, "split_dwarf4_fifo": missing, "split_linked_fifo": missing,
        "split_package_fifo": missing, "split_device": missing, "split_hole": "",
        "debuglink_fifo": "", "debuglink_device": "", "alternative_fifo": missing, "alternative_linked_fifo": missing,
        "alternative_hole": missing,
        "debuglink_hole": "is the debug file of another build",
        "debuglink_hidden_hole": "is the debug file of another build",
        "debuglink_hole_with_an_end": "is the debug file of another build",
        "debuglink_many_holes": "is the debug file of another build",
        // More when it is unpacked.
        "packed_zlib": "has more debug information than is read",
        "packed_zlib_gnu": "has more debug information than is read",
        "packed_zstd": "has more debug information than is read",
        "packed_many": "has more debug information than is read",
        "packed_symbols": "has more compressed symbols than are read",
        // Sizes of what is not there.
        "hole_note": "", "hole_unwinding": "", "shared_section_name": "",
        "hole_section_names": "is not read: its section names would be",
        "hole_symbol_names": "is mostly holes, or says more than it holds",
        "hole_symbols": "is mostly holes, or says more than it holds",
        "hole_lines": "is mostly holes, or says more than it holds",
        // Names without end.
        "long_symbol": "has names of more than 4 KiB: they are cut", "long_source_file": "",
        "long_dynamic_symbol": "has names of more than 4 KiB: they are cut",
        "long_symbol_elsewhere": "has names of more than 4 KiB: they are cut",
        "jit_long_name": "has names that would be too long", "map_long_name": "has names that would be too long",
        "strange_name": "",
        // Code that is more by its sizes than by its bytes.
        "jit_overlapping": "", "jit_same_place": "", "jit_shifted": "", "jit_nested": "", "jit_everywhere": "",
        "jit_endless_lines": "", "map_overlapping": "",
    ]
    private static let sessions = [
        "session_bomb", "session_bomb_sized", "session_small_bombs", "session_bomb_pieces", "session_bomb_piped",
        "session_bomb_directory",
    ]

    /// Makes an input and returns its directory.
    private func make(_ input: String) throws -> String {
        let run = try Self.hostileInputs(directory.path, input)
        try #require(run.status == 0, "\(run.error)")
        return directory.path + "/" + input
    }

    /// Runs the program there, for at most a minute; it takes no more memory than the input is worth.
    private func run(in place: String, _ words: String...) throws -> ProgramRun { try run(in: place, words) }

    private func run(in place: String, _ words: [String]) throws -> ProgramRun {
        // getrusage(2) of this process's own children would tell of its memory, which they begin with.
        let measure = """
            import resource, subprocess, sys
            status = subprocess.call(sys.argv[1:], env={"PATH": "/usr/bin:/bin", "TMPDIR": "."})
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=open("memory", "w"))
            sys.exit(status)
            """
        let run = try ProgramRun(
            ["env", "-C", place, "python3", "-c", measure, "timeout", "-s", "KILL", "60", PerfPrivileges.program]
                + words)
        let size = try ProgramRun("du", "-sk", place).output.prefix { $0.isNumber }
        let memory = String(decoding: try Compiler.bytes(place + "/memory"), as: UTF8.self).prefix { $0.isNumber }
        let most = 256 << 10 + 4 * (Int(size) ?? 0)
        #expect(Int(memory).map { $0 > 0 && $0 <= most } == true, "\(words): \(memory) KiB")
        return run
    }

    @Test(arguments: programs.map(\.key)) func ofAProgram(name: String) throws {
        let place = try make(name)
        // A map of symbols lies where all of them do, until it was read.
        func forgetMap() throws {
            _ = try ProgramRun("sh", "-c", "cd \"$0\"; [ ! -e made ] || rm -f \"$(cat made)\" made", place)
        }
        let raw = try run(in: place, "record", "-q", "--no-pack", "-o", "s.data", "--", "./program")
        let report = try run(in: place, "report", "s.data")
        let fold = try run(in: place, "fold", "--frames", "ancestry,callsite,program", "s.data")
        try forgetMap()
        let packed = try run(in: place, "record", "-o", "p.data", "--", "./program")
        try forgetMap()
        #expect([raw, report, fold, packed].map(\.status) == [0, 0, 0, 0], "\(raw.error)\(packed.error)")
        #expect(fold.lines.contains { $0.hasSuffix("/bin/true 1") } && fold.lines.allSatisfy { $0.utf8.count < 20_000 })
        #expect(try run(in: place, "info", "p.data").lines.contains { $0.hasPrefix("packed: ") })
        let told = Self.programs.first { $0.key == name }?.value ?? ""
        #expect(told.isEmpty ? report.error.isEmpty : report.error.contains(told), "\(report.error)")
        #expect(report.error.split(separator: "\n").count <= 1 && packed.error.contains(told), "\(packed.error)")
        #expect(!(report.error + packed.error).split(separator: "\n").contains { $0.hasPrefix("spawnscope: forged") })
    }

    @Test(arguments: sessions) func ofASession(name: String) throws {
        let place = try make(name)
        let commands = [["info"], ["fold"], ["report"], ["pack", "-o", "packed.data"]]
        for command in commands {
            let run = try run(in: place, command + ["s.data"])
            #expect([0, 3, 65].contains(run.status), "\(command): \(run.error)")
            #expect(
                run.error.contains("holds more than is unpacked; what precedes it is used"), "\(command): \(run.error)")
        }
    }

    @Test func noInputIsLeftOut() throws {
        let list = try Self.hostileInputs("--list").lines.map(String.init)
        let known = Self.programs.map { "\($0.key) program" } + Self.sessions.map { "\($0) session" }
        #expect(Set(list) == Set(known) && list.count == known.count)
    }
}
