import ByteAccess
@testable import Folding
import PerfData
import PerfRecords
import Session
import TestSupport
import Testing

/// Recordings of Android's simpleperf, folded by the names that they have in them.
@Suite struct SimpleperfFoldTests {
    private static let process: Int32 = 2_147_000_070

    /// Its section of files in the first form (system/extras/simpleperf/record_file_format.h).
    private static func section(_ path: String, kind: UInt32, _ symbols: [(start: UInt64, name: String)]) -> [UInt8] {
        var body = Array(path.utf8) + [0]
        body.store(kind)
        body.store(UInt64(0))
        body.store(UInt32(symbols.count))
        for symbol in symbols {
            body.store(symbol.start)
            body.store(UInt32(0x10))
            body += Array(symbol.name.utf8) + [0]
        }
        if kind == 2 { body.store(UInt64(0)) }
        var bytes: [UInt8] = []
        bytes.store(UInt32(body.count))
        return bytes + body
    }

    private static func session(_ sections: [UInt8]?) -> HandmadeSession {
        var session = HandmadeSession(tracepoints: [])
        session.features = sections.map { [SessionWriter.Feature(128, $0)] } ?? []
        session.comm(process, "app")
        return session
    }

    private static let code = section(
        "/system/lib64/libx.so", kind: 2, [(0x100, "outer"), (0x110, "inner"), (0x120, "leaf")])

    /// It moves callers' addresses into their calls as it records, so that one at a function's start is in that function.
    @Test func callersAreWhereTheyWereRecorded() throws {
        var session = Self.session(Self.code)
        session.map(Self.process, "/system/lib64/libx.so", at: 0x70_0000)
        session.sample(Self.process, stack: [0x70_0120, 0x70_0110, 0x70_0100])
        #expect(try session.fold(event: nil) == ["app;[truncated];outer;inner;leaf 4000"])
        // The long way, by an event with more fields.
        session.sample(Self.process, stack: [0x70_0120, 0x70_0110])
        #expect(
            try session.fold(event: nil) == [
                "app;[truncated];inner;leaf 4000", "app;[truncated];outer;inner;leaf 4000",
            ])
    }

    /// The kernel has addresses that calls return to in the recordings of others.
    @Test func callersOfOtherRecordersLieBeforeThem() throws {
        let code = NamedCode(process: Self.process, "outer", "inner", "leaf")
        var session = Self.session(nil)
        session.map(Self.process, "//anon", at: code.start)
        session.sample(Self.process, stack: [code.start + 0x20, code.start + 0x20, code.start + 0x10])
        #expect(try session.fold(event: nil) == ["app;[truncated];outer;inner;leaf 4000"])
    }

    /// Code that was compiled as it ran: copied into a file of the recorder's, which the bit 0x4000 of the map's protection says, or known
    /// by symbols alone.
    @Test func compiledCode() throws {
        var session = Self.session(
            Self.section("/data/perf.data_jit_app_cache:1-2", kind: 2, [(0x80_0040, "a.B.run")])
                + Self.section("perf-\(Self.process).map", kind: 4, [(0x90_0040, "generic")]))
        session.map(Self.process, "/data/perf.data_jit_app_cache:1-2", at: 0x80_0000, protection: 0x4005)
        session.sample(Self.process, stack: [0x90_0041, 0x80_0041])
        #expect(try session.fold(event: nil) == ["app;[truncated];a.B.run;generic 4000"])
        #expect(
            try session.fold(event: nil, usesPerfNames: true) == [
                "app;[perf.data_jit_app_cache:1-2];[unknown] 4000"
            ])
    }

    /// It joins stacks with earlier ones of the thread, from before another program was executed.
    @Test func mapsAreKeptWhenAProgramIsExecuted() throws {
        var session = Self.session(Self.code)
        session.map(Self.process, "/system/lib64/libx.so", at: 0x70_0000)
        session.comm(Self.process, "next", isExec: true)
        session.map(Self.process, "/system/bin/next", at: 0x10_0000)
        session.sample(Self.process, stack: [0x10_0000, 0x70_0110])
        #expect(try session.fold(event: nil) == ["next;[truncated];inner;[next] 4000"])
    }

    @Test func damagedNamesAreSaid() throws {
        var session = Self.session(Self.code + [9, 9, 9])
        session.map(Self.process, "/system/lib64/libx.so", at: 0x70_0000)
        session.sample(Self.process, stack: [0x70_0120])
        let remarks = try session.withSession(root: nil) { recorded in
            try EventFold(recorded, EventFold.Options()).notes.imageNotes
        }
        #expect(remarks.count == 1 && remarks[0].contains("damaged at offset \(Self.code.count) of them"))
        #expect(try session.fold(event: nil) == ["app;[truncated];leaf 4000"])
    }
}
