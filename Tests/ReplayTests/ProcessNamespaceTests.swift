import PerfData
import PerfRecords
@testable import Replay
import Session
import Symbolication
import TestSupport
import Testing

/// What processes call themselves follows from what creating calls return.
@Suite struct ProcessNamespaceTests {
    /// After all records; `style` of the names that are asked for.
    private func namespaces(_ session: HandmadeSession, style: NameStyle = .best) throws -> ProcessNamespaces? {
        try session.withSession(root: 10) { session in
            let file = session.file
            guard var namespaces = ProcessNamespaces(session, Symbolizer(session, style: style)) else { return nil }
            let layouts = file.events.map { EventShape($0).layout }
            file.forEachRecord { record, position in
                let layout = layouts[position.event]
                guard position.header.type == .fork else {
                    if position.header.type == .sample {
                        namespaces.take(record, event: position.event, layout: layout)
                    }
                    return
                }
                if case .fork(let task) = (try? Record.decode(record, layout: layout))?.record { namespaces.fork(task) }
            }
            return namespaces
        }
    }

    private func create(
        _ session: inout HandmadeSession, _ parent: Int32, _ child: Int32, flags: UInt64 = 0x11, seen: Int32? = nil
    ) {
        session.fork(parent, child)
        session.create(parent, child, flags: flags)
        session.returnFromCreation(parent, seen ?? child)
    }

    @Test func whereNothingIsElsewhere() throws {
        var session = HandmadeSession()
        create(&session, 10, 11)
        create(&session, 11, 12)
        let found = try #require(try namespaces(session))
        #expect([10, 11, 12].allSatisfy { found[$0] == nil })
        #expect(try namespaces(session, style: .perf) == nil)
    }

    /// CLONE_NEWPID, and then what calls return there.
    @Test func aNamespaceMadeByACall() throws {
        var session = HandmadeSession()
        create(&session, 10, 11, flags: 0x2000_0011)
        create(&session, 11, 12, seen: 2)
        create(&session, 12, 13, seen: 3)
        create(&session, 12, 14, flags: 0x2000_0011, seen: 4)
        create(&session, 10, 15)
        let found = try #require(try namespaces(session))
        #expect([11, 12, 13, 14, 15].map { found[$0]?.innermostNumber } == [1, 2, 3, 1, nil])
    }

    /// unshare(2), of which the recorder tells; what was made before it, and the maker itself, stay where they are.
    @Test func aNamespaceForChildren() throws {
        var session = HandmadeSession()
        create(&session, 10, 11)
        let time = session.now
        create(&session, 11, 12)
        create(&session, 12, 13, seen: 2)
        session.namespaceChanges = """
            [{"pid": 11, "time_ns": \(time), "root": 0, "makes_init": true}, {"pid": 13, "time_ns": \(session.now), "root": 1},
             {"pid": 77, "time_ns": \(time), "number": 5}]
            """
        create(&session, 13, 14, seen: 3)
        create(&session, 10, 15)
        let found = try #require(try namespaces(session))
        #expect(found[11] == RecordedProcess(root: 0) && found[12] == RecordedProcess(innermostNumber: 1, root: 0))
        #expect(found[13] == RecordedProcess(innermostNumber: 2, root: 1))
        #expect(found[14] == RecordedProcess(innermostNumber: 3, root: 1) && found[15] == nil)
        #expect(found[77]?.innermostNumber == 5)
    }

    /// A parent may be woken long after its child runs, and a number be used again.
    @Test func whatACallReturnsIsKnownFromTheFork() throws {
        var session = HandmadeSession()
        session.namespaceChanges = "[{\"pid\": 10, \"time_ns\": \(session.now), \"root\": 0}]"
        session.fork(10, 11)
        session.create(10, 11, flags: 0x4111)
        let unfinished = try #require(try namespaces(session))
        #expect(unfinished[11] == RecordedProcess(root: 0))
        session.returnFromCreation(10, 7)
        session.fork(10, 11)
        let again = try #require(try namespaces(session))
        #expect(again[11] == RecordedProcess(root: 0))
        // A call that failed says nothing of a child.
        session.returnFromCreation(10, -11)
        session.returnFromCreation(10, 8)
        #expect(try namespaces(session)?[11] == RecordedProcess(innermostNumber: 8, root: 0))
    }
}
