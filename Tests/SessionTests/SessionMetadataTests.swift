import Session
import TestSupport
import Testing

/// What a session notes of itself, and what is made of it when it is read.
@Suite struct SessionMetadataTests {
    /// A value in every place.
    private static var everything: SessionMetadata {
        var metadata = SessionMetadata()
        var random = Xorshift()
        metadata.id = SessionID(time: 1_700_000_000_123_456_789, using: &random)
        metadata.host = "builder"
        metadata.recorder = Lenient(.events)
        metadata.toolVersion = "1.2.3"
        metadata.command = ["make", "-j4", "caf\u{e9} \"quoted\" \u{7f}/"]
        metadata.commandUser = 1000
        metadata.target = Lenient(.processes)
        metadata.rootPID = 7
        metadata.roots = [7, 8]
        metadata.recorderPID = 6
        metadata.start = .max
        metadata.startWall = 1_700_000_000_123_456_789
        metadata.kernel = "6.18"
        metadata.machine = "x86_64"
        metadata.exitEvent = "before-teardown"
        metadata.comparison = .init(side: "base", id: "abc")
        var options = SessionMetadata.Options()
        options.ringSize = 1 << 21
        options.stackSize = 16384
        options.sampleFrequency = 999
        options.tracepoints = ["sched:sched_switch"]
        options.filter = "pid > 3"
        options.callchains = true
        options.probes = ["/lib/libc.so.6:malloc"]
        options.probesLink = true
        options.leavesOutSystemCalls = false
        options.cgroup = "/a"
        options.duration = 5
        options.waitsForAll = true
        options.maximumSize = 1 << 30
        metadata.options = options
        var event = SessionMetadata.Event(name: "task:task_newtask", ids: [1, .max])
        event.isAsked = false
        event.filter = "clone_flags & 1"
        event.occurrences = 3
        event.missed = 2
        event.lost = 1
        metadata.events = [event]
        metadata.missingEvents = ["io_uring:io_uring_create"]
        metadata.otherFiles = ["/bin/x"]
        metadata.identifiedFiles = [.init(path: "/bin/y", major: 8, minor: 1, inode: 77, buildID: [0, 0xff, 0x10])]
        metadata.namespaces = [.init(process: 7, time: 9, root: 0, makesInit: true, number: 1)]
        metadata.foreignDropped = 12
        var end = SessionMetadata.End()
        end.reason = "interrupted"
        end.signalOfInterruption = 15
        end.isCut = true
        end.duration = 99
        end.status = 1
        end.signal = 9
        end.lost = 1
        end.notes = ["a note"]
        metadata.end = end
        return metadata
    }

    @Test func whatIsWrittenIsRead() throws {
        let written = Self.everything
        #expect(try SessionMetadata(json: written.encoded()) == written)
        let empty = try SessionMetadata(json: SessionMetadata().encoded())
        #expect(empty == SessionMetadata())
    }

    /// It keeps to the schema, and has every key that the schema knows.
    @Test func theSchemaIsOfWhatIsWritten() throws {
        try Compiler.withDirectory { directory in
            let keys = """
                def keys(value):
                    if isinstance(value, list):
                        return set().union(*map(keys, value))
                    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()
                def known(part):
                    named = set(part.get("properties", ()))
                    return named.union(*map(known, part.get("properties", {}).values()), *map(known, part.get("$defs", {}).values()))
                assert keys(report) == known(schema), keys(report) ^ known(schema)
                """
            let problems = try JSONSchema.problems(
                String(decoding: Self.everything.encoded(), as: UTF8.self), keys, schema: "Session/session",
                in: directory)
            #expect(problems.isEmpty, "\(problems)")
        }
    }

    /// What is not known is absent, never a null.
    @Test func whatIsNotKnownIsAbsent() {
        #expect(String(decoding: SessionMetadata().encoded(), as: UTF8.self) == #"{"schema":"spawnscope.session/1"}"#)
    }

    /// A word or a key that a newer version of the same schema has is no mistake.
    @Test func whatIsNewIsLeftAlone() throws {
        let text =
            #"{"schema": "spawnscope.session/1", "target": "unit", "recorder": "telepathy", "later": {"a": [1]}}"#
        let metadata = try SessionMetadata(json: Array(text.utf8))
        #expect(metadata.target?.word == nil && metadata.target?.text == "unit" && metadata.recorder?.word == nil)
    }

    @Test func outputsThatAreIncomplete() throws {
        let text = """
            {"schema": "spawnscope.session/1", "events": [{"name": "spawnscope:reaped", "missed": 2}, {"name": "sched:x", "missed": 1},
            {"name": "spawnscope:failed_exec", "missed": 0}, {"missed": 3}]}
            """
        #expect(try SessionMetadata(json: Array(text.utf8)).incompleteOutputs == [.reaped])
    }

    @Test func whatTheRecorderNotedAtTheEnd() throws {
        let text = """
            {"schema": "spawnscope.session/1", "other_files": ["/bin/x"], "identified_files": [
            {"path": "/bin/y", "major": 8, "minor": 1, "inode": 77, "build_id": "00ff10"},
            {"path": "/bin/y", "major": 8, "minor": 1, "inode": 78, "build_id": "0g"}], "end": {"lost": 5, "duration_ns": 1},
             "events": [{"name": "a", "ids": [1, 2], "lost": 5}, {"ids": [3], "lost": 0}, {"ids": [4]}, {"lost": 9}]}
            """
        let metadata = try SessionMetadata(json: Array(text.utf8))
        #expect(
            metadata.lostByID == [1: 5, 2: 5, 3: 0] && metadata.otherFiles == ["/bin/x"] && metadata.end?.lost == 5)
        #expect(metadata.incompleteOutputs.isEmpty)
        // What is no build ID names no file.
        #expect(metadata.identifiedFiles?.map(\.inode) == [77, 78])
        #expect(metadata.identifiedFiles?.map(\.buildID.bytes) == [[0, 0xff, 0x10], []])
    }

    @Test func aNewerSchemaIsRefusedAndNonsenseIsUnreadable() {
        #expect(throws: SessionMetadataError.newer(schema: "spawnscope.session/2")) {
            try SessionMetadata(json: Array(#"{"schema": "spawnscope.session/2"}"#.utf8))
        }
        #expect(throws: SessionMetadataError.unreadable) { try SessionMetadata(json: [0xff]) }
        #expect(throws: SessionMetadataError.unreadable) { try SessionMetadata(json: Array("[]".utf8)) }
    }
}
