import Glibc
import TestSupport
import Testing

@testable import Symbolication

/// A map names a process's code only where it can be of that process.
@Suite struct JITMapTests {
    /// 1,000 seconds since 1970 is moment 0 of the session's clock.
    private static let wall: UInt64 = 1_000_000_000_000

    private func settings(_ directory: String) -> SymbolSettings {
        var settings = SymbolSettings()
        settings.jitMapDirectory = directory
        settings.asksLivingProcesses = false
        settings.start = 0
        settings.startWall = Self.wall
        settings.endWall = Self.wall + 100_000_000_000
        return settings
    }

    /// The name of the code of process 42, whose program began at a second of the session's clock, and what is said.
    private func name(
        _ settings: SymbolSettings, began: UInt64?, style: NameStyle = .best, _ recorded: RecordedProcess? = nil
    ) -> (String, [ImageError.Reason]) {
        let symbolizer = Symbolizer(style: style, settings: settings)
        symbolizer.note(42, recorded)
        if let began {
            symbolizer.advance(to: began * 1_000_000_000)
            symbolizer.fork(parent: 1, child: 42)
        }
        symbolizer.map(
            process: 42, start: 0x1000, length: 0x1000, fileOffset: 0, path: "//anon", buildID: nil,
            isExecutable: true)
        let frame = symbolizer.frame(process: 42, address: 0x1000, isKernel: false, isReturnAddress: false)
        return (symbolizer.name(of: frame), symbolizer.problems.map(\.reason))
    }

    private func setTime(_ path: String, seconds: Int) {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    }

    private static let line = Array("1000 100 function\n".utf8)

    @Test func timesDecide() throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/perf-42.map"
            try Compiler.write(Self.line, to: path)
            for (written, began, problem) in [
                (1060, 50, nil), (1000, nil, nil), (50, nil, nil), (1050, 50, nil), (1040, 50, .earlier),
                (1200, 50, .later), (1200, nil, .later),
            ] as [(Int, UInt64?, JITFileError?)] {
                setTime(path, seconds: written)
                let (name, problems) = name(settings(directory), began: began)
                #expect(name == (problem == nil ? "function" : "[perf-42.map]"), "\(written)")
                #expect(problems == problem.map { [.jitFile($0)] } ?? [])
                // perf does not ask.
                #expect(self.name(settings(directory), began: began, style: .perf).0 == "function")
            }
        }
    }

    @Test func whatIsNoFileOfItsOwn() throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/perf-42.map"
            #expect(name(settings(directory), began: nil) == ("[perf-42.map]", []))
            try Compiler.write(Self.line, to: directory + "/elsewhere")
            setTime(directory + "/elsewhere", seconds: 1050)
            #expect(symlink(directory + "/elsewhere", path) == 0)
            #expect(name(settings(directory), began: nil) == ("[perf-42.map]", [.jitFile(.notRegular)]))
            unlink(path)
            #expect(mkfifo(path, 0o600) == 0)
            #expect(name(settings(directory), began: nil) == ("[perf-42.map]", [.jitFile(.notRegular)]))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
    func theOwnerDecides() throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/perf-42.map"
            try Compiler.write(Self.line, to: path)
            setTime(path, seconds: 1050)
            #expect(chown(path, 54321, 54321) == 0)
            for style in [NameStyle.best, .perf] {
                let (name, problems) = name(settings(directory), began: nil, style: style)
                #expect(name == "[perf-42.map]" && problems == [.jitFile(.otherOwner(54321))])
            }
            // It is the user's whom the command ran as, if it is that one.
            for (user, expected) in [(54321, "function"), (54322, "[perf-42.map]")] as [(UInt32, String)] {
                var settings = settings(directory)
                settings.commandUser = user
                #expect(name(settings, began: nil).0 == expected)
            }
            // In a /tmp of its own nobody else can have written it.
            var settings = settings(directory + "/none")
            try Compiler.run(["mkdir", directory + "/tmp"])
            try Compiler.run(["mv", path, directory + "/tmp/perf-7.map"])
            for isPrivate in [true, false] {
                settings.found.roots = [.init(path: directory, hasOwnTemporaries: isPrivate)]
                let (name, problems) = name(settings, began: nil, RecordedProcess(innermostNumber: 7, root: 0))
                #expect(name == (isPrivate ? "function" : "[perf-42.map]"))
                #expect(problems == (isPrivate ? [] : [.jitFile(.otherOwner(54321))]))
            }
        }
    }

    /// A process of another pid namespace has a map by its number there; what has its number here is another's.
    @Test func numbersOfOtherNamespaces() throws {
        try Compiler.withDirectory { directory in
            try Compiler.run(["mkdir", directory + "/tmp"])
            for (number, name) in [(7, "inner"), (42, "outer")] {
                let path = "\(directory)/tmp/perf-\(number).map"
                try Compiler.write(Array("1000 100 \(name)\n".utf8), to: path)
                setTime(path, seconds: 1050)
            }
            var settings = settings(directory + "/tmp")
            #expect(name(settings, began: nil) == ("outer", []))
            settings.found.roots = [.init(path: directory, hasOwnTemporaries: false)]
            let elsewhere = RecordedProcess(innermostNumber: 7, root: 0)
            #expect(name(settings, began: nil, elsewhere) == ("inner", []))
            // The same root directory, or one that nobody holds.
            #expect(name(settings, began: nil, RecordedProcess(innermostNumber: 7)) == ("inner", []))
            #expect(name(settings, began: nil, RecordedProcess(innermostNumber: 7, root: 1)) == ("[perf-42.map]", []))
            unlink(directory + "/tmp/perf-7.map")
            #expect(name(settings, began: nil, elsewhere) == ("[perf-42.map]", []))
        }
    }
}
