import ByteAccess
import PerfRecords
import Session
import SpawnModel
import Testing

/// What a sample of the joined recorder stands for, from bytes laid out by hand.
@Suite struct JoinedDecoderTests {
    /// A sample's raw bytes: eight common ones, `ran`, and what `fields` stores.
    private static func raw(ran: UInt64 = 0, _ fields: (inout [UInt8]) -> Void) -> [UInt8] {
        var raw = [UInt8](repeating: 0, count: 8)
        raw.store(ran)
        fields(&raw)
        return raw
    }

    /// The steps of a sample of thread 9 of process 8 at time 100.
    private static func steps(_ event: JoinedEvent, _ raw: [UInt8]) throws -> [LifecycleDecoder.Step] {
        let format = try #require(TracepointFormat(system: JoinedEvent.system, text: event.format))
        let decoder = LifecycleDecoder(tracepoints: [nil, format])
        #expect(decoder.isJoined(event: 1) && !decoder.isJoined(event: 0))
        #expect(decoder.isCreation(event: 1) == (event == .spawn))
        var steps: [LifecycleDecoder.Step] = []
        decoder.decodeJoined(
            RawSample(pid: 8, tid: 9, time: 100, raw: 0..<raw.count), event: 1, in: raw.span.bytes, into: &steps)
        return steps
    }

    private static func at(_ time: UInt64, _ kind: LifecycleEvent.Kind, thread: Int32 = 9) -> LifecycleEvent {
        LifecycleEvent(kind, process: 8, thread: thread, time: time)
    }

    @Test func creationWithItsEntryAndItsCreatorsSize() throws {
        let raw = Self.raw(ran: 60) { raw in
            for word in [90, 0x4111, 4096, 8192] as [UInt64] { raw.store(word) }
            raw.store(Int32(77))
            raw.store(UInt32(0))
            raw += Array("make".utf8) + [UInt8](repeating: 0, count: 12)
        }
        let steps = try Self.steps(.spawn, raw)
        #expect(
            steps.map(\.event) == [
                Self.at(60, .creationReturned(result: 0), thread: 8), Self.at(90, .creationBegan),
                Self.at(100, .spawnerMeasured(.init(pageTables: 4096, resident: 8192))),
                Self.at(100, .created(child: 77, cloneFlags: 0x4111)),
            ])
        #expect(steps.last?.name == "make" && steps.last?.event.group == nil)
        #expect(try Self.steps(.spawn, raw + [7, 0, 0, 0, 0, 0, 0, 0]).last?.event.group == 7)
        #expect(
            try Self.steps(.spawn, Array(raw.prefix(40))).map(\.event) == [
                Self.at(60, .creationReturned(result: 0), thread: 8)
            ])
    }

    /// A creation by a call that was not seen, as of the 32-bit interface, has no entry, and a spawner that was not measured no
    /// size.
    @Test func creationWithoutAnEntry() throws {
        let raw = Self.raw { raw in
            for word in [0, 17, 0, UInt64.max] as [UInt64] { raw.store(word) }
            raw.store(Int32(77))
            raw.store(UInt32(0))
            raw += [UInt8](repeating: 0, count: 16)
        }
        #expect(
            try Self.steps(.spawn, raw).map(\.event) == [Self.at(100, .created(child: 77, cloneFlags: 17))])
    }

    @Test(arguments: [(Int64(77), UInt64(90)), (-11, 90), (-1, 0)])
    func returnOfACreatingCall(result: Int64, entered: UInt64) throws {
        let raw = Self.raw { raw in
            raw.store(entered)
            raw.store(result)
            raw.store(UInt32(1))
            raw.store(UInt32(0))
        }
        let began = result < 0 && entered > 0 ? [Self.at(entered, .creationBegan)] : []
        #expect(
            try Self.steps(.creationReturn, raw).map(\.event)
                == began + [Self.at(100, .creationReturned(result: result, mayBeThreads: true))])
    }

    private static func failure(result: Int64, error: Int32 = 0, directory: Int32 = -100, path: String) -> [UInt8] {
        raw { raw in
            raw.store(UInt64(90))
            raw.store(result)
            raw.store(directory)
            raw.store(error)
            raw.store(UInt32(path.utf8.count + 1) << 16 | 48)
            raw.store(UInt32(0))
            raw += Array(path.utf8) + [0]
        }
    }

    @Test func failedAttemptWithItsPath() throws {
        #expect(
            try Self.steps(.execFailed, Self.failure(result: -2, path: "/no/such")).map(\.event) == [
                Self.at(90, .attemptBegan()), Self.at(100, .attemptFailed(path: "/no/such", errno: 2)),
                Self.at(100, .attemptEnded(result: -2)),
            ])
        let relative = try Self.steps(.execFailed, Self.failure(result: -13, directory: 5, path: "tool"))
        #expect(relative[1].event.kind == .attemptFailed(path: "/dev/fd/5/tool", errno: 13))
        let unreadable = try Self.steps(.execFailed, Self.failure(result: -14, error: -14, path: ""))
        #expect(unreadable[1].event.kind == .attemptFailed(path: nil, errno: 14))
        // The thread ended inside the call.
        #expect(
            try Self.steps(.execFailed, Self.failure(result: 0, path: "/x")).map(\.event) == [
                Self.at(90, .attemptBegan())
            ])
        // A filter answered with a signal.
        #expect(
            try Self.steps(.execFailed, Self.failure(result: 59, path: "/x")).last?.event.kind
                == .attemptEnded(result: 59))
    }

    @Test(arguments: [255, 256, 263]) func longPathsAreCut(length: Int) throws {
        let path = "/" + String(repeating: "x", count: length - 1)
        let steps = try Self.steps(.execFailed, Self.failure(result: -2, path: path))
        let expected = length > 256 ? String(path.prefix(256)) + "[...]" : path
        #expect(steps[1].event.kind == .attemptFailed(path: expected, errno: 2))
    }

    private static func exec(path: String, file: String, group: UInt64 = 0) -> [UInt8] {
        raw(ran: 70) { raw in
            for word in [90, 10, 20, 5] as [UInt64] { raw.store(word) }
            raw.store(UInt32(0x80_0001))
            raw.store(UInt32(path.utf8.count + 1) << 16 | 88)
            raw += Array("sh".utf8) + [UInt8](repeating: 0, count: 14)
            let place = UInt32(88 + path.utf8.count + 1)
            raw.store(file.isEmpty ? place : UInt32(file.utf8.count + 1) << 16 | place)
            raw.store(UInt32(0))
            raw.store(group)
            raw += Array(path.utf8) + [0]
            if !file.isEmpty { raw += Array(file.utf8) + [0] }
        }
    }

    /// The thread that made the call has its process's id afterwards.
    @Test func execWithTheFileBehindItsPath() throws {
        let steps = try Self.steps(.exec, Self.exec(path: "./script", file: "/usr/bin/dash"))
        #expect(
            steps.map(\.event) == [
                Self.at(70, .creationReturned(result: 0), thread: 8), Self.at(90, .attemptBegan(), thread: 8),
                Self.at(100, .imageMeasured(.init(arguments: 10, environment: 20))),
                Self.at(100, .executed(path: "./script", oldThread: 8), thread: 8),
            ])
        #expect(steps.last?.file == "/usr/bin/dash")
        #expect(try Self.steps(.exec, Self.exec(path: "/a", file: "")).last?.file == nil)
        #expect(try Self.steps(.exec, Self.exec(path: "/a", file: "", group: 7)).last?.event.group == 7)
        #expect(try Self.steps(.execReturn, Self.raw { _ in }).map(\.event) == [Self.at(100, .attemptEnded(result: 0))])
    }

    private static func end(code: UInt32, signal: Int32 = 0, signalCode: Int32 = 0, sender: Int32 = 0) -> [UInt8] {
        raw { raw in
            raw.store(code)
            for number in [signal, signalCode, sender] { raw.store(number) }
            raw += Array("kill".utf8) + [UInt8](repeating: 0, count: 12)
        }
    }

    @Test func endByExitOrBySignalAndItsSender() throws {
        #expect(
            try Self.steps(.exit, Self.end(code: 3 << 8)).map(\.event) == [
                Self.at(100, .exitRequested(code: 3, isGroup: true)), Self.at(100, .threadExited(isGroupDead: true)),
            ])
        let killed = try Self.steps(.exit, Self.end(code: 15, signal: 15, sender: 6))
        #expect(
            killed.map(\.event) == [
                LifecycleEvent(.signalSent(15, toThread: 8, isKernels: false), process: 6, thread: 6, time: 100),
                Self.at(100, .deadlySignal(15)), Self.at(100, .threadExited(isGroupDead: true)),
            ])
        #expect(killed[0].name == "kill")
        // With a core dump, by the kernel.
        let fault = try Self.steps(.exit, Self.end(code: 11 | 0x80, signal: 11, signalCode: 1, sender: 8))
        #expect(fault[0].event.kind == .signalSent(11, toThread: 8, isKernels: true))
        #expect(fault[1].event.kind == .deadlySignal(11))
    }

    private static func wait(
        began: UInt64, result: Int64, awaited: Int32, which: Int32, options: UInt32 = 4, reaped: Int32 = 0
    )
        -> [UInt8]
    {
        raw { raw in
            raw.store(began)
            raw.store(result)
            raw.store(awaited)
            raw.store(which)
            raw.store(options)
            raw.store(reaped)
        }
    }

    @Test func waits() throws {
        #expect(
            try Self.steps(.wait, Self.wait(began: 50, result: 77, awaited: 0, which: -1)).map(\.event) == [
                Self.at(50, .waitBegan(child: 0)), Self.at(100, .waitReturned(child: 77)),
            ])
        #expect(
            try Self.steps(.wait, Self.wait(began: 0, result: 0, awaited: 0, which: -1)).map(\.event) == [
                Self.at(100, .waitReturned(child: 0))
            ])
        let arguments = WaitidArguments(which: 0, options: 4)
        #expect(
            try Self.steps(.wait, Self.wait(began: 50, result: 0, awaited: 0, which: 0, reaped: 77)).map(\.event) == [
                Self.at(50, .waitidBegan(arguments)), Self.at(50, .waitBegan(child: 0)),
                Self.at(100, .reaped(child: 77)),
                Self.at(100, .waitidReturned),
            ])
        #expect(try Self.steps(.wait, Self.wait(began: 0, result: .max, awaited: 0, which: -1)).isEmpty)
    }

    @Test func whatIsCutHasNoEvents() throws {
        for event in JoinedEvent.allCases {
            for count in 0..<event.size {
                _ = try Self.steps(event, [UInt8](repeating: 0xff, count: count))
            }
        }
    }
}
