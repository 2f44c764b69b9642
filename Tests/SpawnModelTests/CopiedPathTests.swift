import ByteAccess
import PerfRecords
@testable import SpawnModel
import Testing

/// Newer kernels copy the path into the entry of execve, which tells it where the recorder's program could not.
@Suite struct CopiedPathTests {
    private typealias Failure = FailureTable.Failure

    private static let execve = """
        name: sys_enter_execve
        ID: 862
        format:
        \tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
        \tfield:const char * filename;\toffset:16;\tsize:8;\tsigned:0;
        \tfield:const char *const * argv;\toffset:24;\tsize:8;\tsigned:0;
        \tfield:const char *const * envp;\toffset:32;\tsize:8;\tsigned:0;
        \tfield:__data_loc char[] __filename_val;\toffset:40;\tsize:4;\tsigned:0;
        """
    private static let execveat = """
        name: sys_enter_execveat
        ID: 863
        format:
        \tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
        \tfield:int fd;\toffset:16;\tsize:8;\tsigned:0;
        \tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;
        \tfield:int flags;\toffset:48;\tsize:8;\tsigned:0;
        \tfield:__data_loc char[] __filename_val;\toffset:56;\tsize:4;\tsigned:0;
        """

    private static func decode(_ text: String, _ name: String?, directory: UInt64 = 0, offset: Int) throws
        -> LifecycleEvent.Kind?
    {
        let format = try #require(TracepointFormat(system: "syscalls", text: text))
        var raw = [UInt8](repeating: 0, count: offset + 4)
        raw.replaceSubrange(16..<24, with: (0..<8).map { UInt8(truncatingIfNeeded: directory >> (8 * $0)) })
        let copy: [UInt8] = name.map { Array($0.utf8) + [0] } ?? []
        let location = UInt32(raw.count) | UInt32(copy.count) << 16
        raw.replaceSubrange(offset..<offset + 4, with: (0..<4).map { UInt8(truncatingIfNeeded: location >> (8 * $0)) })
        raw += copy + [0, 0, 0]
        let decoder = LifecycleDecoder(tracepoints: [format])
        return decoder.decode(
            RawSample(pid: 8, tid: 9, time: 7, raw: 0..<raw.count), event: 0, in: raw.span.bytes)?.kind
    }

    @Test func theEntryTellsThePath() throws {
        #expect(try Self.decode(Self.execve, "/bin/x", offset: 40) == .attemptBegan(path: "/bin/x"))
        #expect(try Self.decode(Self.execve, "bin/x", offset: 40) == .attemptBegan(path: "bin/x"))
        // Nothing could be read, or there was nothing.
        #expect(try Self.decode(Self.execve, nil, offset: 40) == .attemptBegan())
        #expect(try Self.decode(Self.execve, "", offset: 40) == .attemptBegan())
        #expect(try Self.decode(Self.execveat, "x", directory: 5, offset: 56) == .attemptBegan(path: "/dev/fd/5/x"))
        let here = UInt64(bitPattern: -100)
        #expect(try Self.decode(Self.execveat, "x", directory: here, offset: 56) == .attemptBegan(path: "x"))
    }

    @Test func whatTheKernelChangedIsToldOrLeftOut() throws {
        #expect(try Self.decode(Self.execve, "/bin/lon...", offset: 40) == .attemptBegan(path: "/bin/lon[...]"))
        #expect(try Self.decode(Self.execve, "/bin/é", offset: 40) == .attemptBegan(path: "/bin/é"))
        #expect(try Self.decode(Self.execve, "/bin/\u{FFFD}.", offset: 40) == .attemptBegan())
    }

    /// What the recorder's program tells is exact and goes before; a path is of its own attempt alone.
    @Test func onlyOfAttemptsThatNothingElseTells() {
        var scenario = Scenario()
        scenario.startRoot()
        scenario.create(1, 2)
        scenario.on(2, .attemptBegan(path: "/a..."))
        scenario.on(2, .attemptFailed(path: "/a\u{1}b", errno: 2))
        scenario.on(2, .attemptEnded(result: -2))
        scenario.on(2, .attemptBegan(path: "/c"))
        scenario.on(2, .attemptEnded(result: -2))
        scenario.on(2, .attemptBegan())
        scenario.on(2, .attemptEnded(result: -13))
        scenario.on(2, .attemptBegan(path: "/d"), thread: 3)
        scenario.on(2, .attemptBegan(), thread: 2)
        scenario.on(2, .attemptEnded(result: -2), thread: 2)
        scenario.on(2, .attemptEnded(result: -2), thread: 3)
        #expect(
            scenario.tracker.failures.counts == [
                Failure(path: "/a\u{1}b", errno: 2): 1, Failure(path: "/c", errno: 2): 1,
                Failure(path: "/d", errno: 2): 1,
                Failure(errno: 13): 1, Failure(errno: 2): 1,
            ])
    }
}
