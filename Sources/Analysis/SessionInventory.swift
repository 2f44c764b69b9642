internal import ByteAccess
internal import PerfData
package import PerfRecords
internal import Replay
package import Session

/// What a perf.data file contains: how many records of each type, how many samples of each event, what was lost.
package struct SessionInventory: Sendable {
    /// Compressed records count in addition to those that they contain, as perf counts them; but not in a packed session,
    /// whose compression is no part of what was recorded.
    package private(set) var records: [RecordType: Int] = [:]
    /// By event of the file. A sample that reads a group of counters counts once for each member.
    package private(set) var samples: [Int]
    package private(set) var losses: Losses
    package private(set) var undecodedRecords = 0
    /// The first and last time of a record that has one, nanoseconds.
    package private(set) var times: ClosedRange<UInt64>?

    package var recordCount: Int { records.values.reduce(0, +) }

    package init(_ session: Session) {
        var counts: [RecordType: Int] = [:]
        session.file.forEachHeader { header, _ in counts[header.type, default: 0] += 1 }
        if session.file.isCompressed, !session.file.isPacked {
            counts[session.file.compressedType, default: 0] += session.file.compressedRecords
        }
        records = counts
        samples = Array(repeating: 0, count: session.file.events.count)
        losses = Losses(session)
        let layouts = session.file.events.map(\.layout)
        var eventsByID: [UInt64: Int] = [:]
        for (index, event) in session.file.events.enumerated() {
            for id in event.ids { eventsByID[id] = index }
        }
        session.file.forEachRecord { record, position in
            if position.time > 0, position.time < .max {
                let time = position.time
                times = times.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
            }
            let layout = layouts[position.event]
            switch position.header.type {
            case .sample where layout.sampleType.contains(.read):
                countMembers(record, layout, eventsByID, position.event)
            case .sample: samples[position.event] += 1
            case .lost:
                // Counts for the event that it names, not for the one that wrote it.
                let id = record.load(UInt64.self, at: RecordHeader.size) ?? 0
                let count = record.load(UInt64.self, at: RecordHeader.size + 8) ?? 0
                losses.recorded[eventsByID[id] ?? position.event] &+= count
            case .lostSamples:
                losses.recorded[position.event] &+= record.load(UInt64.self, at: RecordHeader.size) ?? 0
            default: break
            }
        }
    }

    private mutating func countMembers(
        _ record: borrowing RawSpan, _ layout: RecordLayout, _ eventsByID: [UInt64: Int], _ event: Int
    ) {
        do throws(RecordError) {
            let read = try Sample(decoding: record, layout: layout).read
            for index in 0..<read.count {
                guard let member = read.member(index, in: record) else { continue }
                samples[eventsByID[member.id] ?? event] += 1
            }
        } catch {
            undecodedRecords += 1
        }
    }
}
