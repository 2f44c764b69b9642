import ByteAccess
import Glibc
import PerfData
import PerfRecords

/// perf.data files put together by hand, as tools/perf/Documentation/perf.data-file-format.txt describes them.
struct FileBuilder {
    var attributes: [(attributes: EventAttributes, ids: [UInt64])] = []
    var data: [UInt8] = []
    var features: [(bit: Int, payload: [UInt8])] = []
    /// Attributes' own size in the file, without the section of their ids.
    var attributeSize = 128

    /// One event with TID, TIME and IDENTIFIER on every record.
    static var simple: FileBuilder {
        var attributes = EventAttributes()
        attributes.type = EventAttributes.Kind.software
        attributes.sampleType = [.identifier, .threadID, .time]
        attributes.flags = [.sampleIDAll]
        var builder = FileBuilder()
        builder.attributes = [(attributes, [1])]
        return builder
    }

    /// A COMM record of `simple`'s layout.
    mutating func comm(_ name: String, tid: Int32, time: UInt64, id: UInt64 = 1) {
        var body: [UInt8] = []
        body.store(tid)
        body.store(tid)
        body += Array(name.utf8) + [0]
        body.pad(to: 8)
        body.store(tid)
        body.store(tid)
        body.store(time)
        body.store(id)
        record(3, body)
    }

    /// A sample of `simple`'s layout.
    mutating func sample(tid: Int32, time: UInt64, id: UInt64 = 1) {
        var body: [UInt8] = []
        body.store(id)
        body.store(tid)
        body.store(tid)
        body.store(time)
        record(9, body)
    }

    mutating func finishRound() { record(68, []) }

    mutating func record(_ type: UInt32, misc: UInt16 = 0, _ body: [UInt8]) {
        data.store(type)
        data.store(misc)
        data.store(UInt16(8 + body.count))
        data += body
    }

    func bytes() -> [UInt8] {
        var ids: [UInt8] = []
        var entries: [UInt8] = []
        for event in attributes {
            entries += event.attributes.encoded(size: attributeSize)
            entries.store(UInt64(104 + ids.count))
            entries.store(UInt64(event.ids.count * 8))
            for id in event.ids { ids.store(id) }
        }
        let dataStart = 104 + ids.count + entries.count
        let sorted = features.sorted { $0.bit < $1.bit }
        var bitmap = [UInt64](repeating: 0, count: 4)
        for feature in sorted { bitmap[feature.bit / 64] |= 1 << UInt64(feature.bit % 64) }

        var file = Array("PERFILE2".utf8)
        file.store(UInt64(104))
        file.store(UInt64(attributeSize + 16))
        file.store(UInt64(104 + ids.count))
        file.store(UInt64(entries.count))
        file.store(UInt64(dataStart))
        file.store(UInt64(data.count))
        file.store(UInt64(0))
        file.store(UInt64(0))
        for word in bitmap { file.store(word) }
        file += ids + entries + data
        var position = file.count + sorted.count * 16
        for feature in sorted {
            file.store(UInt64(position))
            file.store(UInt64(feature.payload.count))
            position += feature.payload.count
        }
        for feature in sorted { file += feature.payload }
        return file
    }

    /// `u32` length, text, padding: how features hold strings.
    static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var content = Array(text.utf8) + [0]
        content.pad(to: 64)
        bytes.store(UInt32(content.count))
        return bytes + content
    }
}

/// A file in the temporary directory that goes away with the value.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8]) {
        path = "/tmp/spawnscope-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_EXCL, 0o600)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    deinit { unlink(path) }

    func open() throws(PerfDataError) -> PerfDataFile { try PerfDataFile(path: path) }

    private func open(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { Glibc.open(path, flags, mode) }
}

extension PerfDataFile {
    /// The times of the records in the order in which they are handed out.
    func times() -> [UInt64] {
        var times: [UInt64] = []
        forEachRecord { _, position in times.append(position.time) }
        return times
    }
}
