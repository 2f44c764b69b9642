internal import ByteAccess
internal import ELFImages
internal import PerfRecords

/// The section of a packed session (feature bit 201). All numbers but the first are LEB128:
///
///     "SPWNSYMS", u32 version = 2
///     image count; each: path, build ID (size + 1, then its bytes; 0 for none), source, flags, extent (start, size)
///       symbols of the best style, then of perf's: count; each: start (from the end of the one before), size, name
///       places (since version 2): text count, texts; place count; each: offset (from the one before), frame count;
///         each frame, outermost first: number of the function's text, number of the file's text, line
///
/// A text is its size in bytes, then the bytes. Flags: 1 not the recorded file, 2 broken unwind information.
extension PackedSymbols {
    private static let magic = Array("SPWNSYMS".utf8)
    private static let version: UInt32 = 2

    package func encoded() -> [UInt8] {
        var bytes = Self.magic
        bytes.store(Self.version)
        bytes.appendLEB128(UInt64(images.count))
        for image in images {
            bytes.append(text: Array(image.path.utf8))
            bytes.appendLEB128(UInt64(image.buildID.map { $0.count + 1 } ?? 0))
            bytes += image.buildID ?? []
            bytes.append(image.source.rawValue)
            bytes.append((image.isOtherFile ? 1 : 0) | (image.hasBrokenUnwindTable ? 2 : 0))
            bytes.appendLEB128(image.extent?.lowerBound ?? 0)
            bytes.appendLEB128(image.extent.map { $0.upperBound - $0.lowerBound } ?? 0)
            bytes.append(symbols: image.best)
            bytes.append(symbols: image.perf)
            bytes.append(places: image.places)
        }
        return bytes
    }

    package init(decoding bytes: [UInt8]) throws(PackedSymbolsError) {
        guard bytes.starts(with: Self.magic) else { throw .damaged(offset: 0) }
        let span = unsafe bytes.span.bytes
        guard let version = span.load(UInt32.self, at: Self.magic.count) else {
            throw .damaged(offset: Self.magic.count)
        }
        guard version <= Self.version else { throw .newer(version: version) }
        var cursor = Cursor(bytes: bytes, offset: Self.magic.count + 4)
        // Each element takes bytes, so a false count cannot yield more of them than the section holds.
        for _ in 0..<(try cursor.number()) { add(try cursor.image(hasPlaces: version >= 2)) }
    }

    private struct Cursor {
        let bytes: [UInt8]
        var offset: Int

        mutating func byte() throws(PackedSymbolsError) -> UInt8 {
            guard offset < bytes.count else { throw .damaged(offset: offset) }
            defer { offset += 1 }
            return bytes[offset]
        }

        mutating func number() throws(PackedSymbolsError) -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                let byte = try byte()
                value |= UInt64(byte & 0x7f) << shift
                if byte & 0x80 == 0 { return value }
            }
            throw .damaged(offset: offset)
        }

        mutating func bytes(count: UInt64) throws(PackedSymbolsError) -> [UInt8] {
            guard let count = Int(exactly: count), count <= bytes.count - offset else {
                throw .damaged(offset: offset)
            }
            defer { offset += count }
            return Array(bytes[offset..<offset + count])
        }

        mutating func text() throws(PackedSymbolsError) -> [UInt8] { try bytes(count: number()) }

        mutating func image(hasPlaces: Bool) throws(PackedSymbolsError) -> Image {
            let path = String(decoding: try text(), as: UTF8.self)
            let size = try number()
            let buildID = size > 0 ? try bytes(count: size - 1) : nil
            guard let source = MappedImage.Source(rawValue: try byte()) else { throw .damaged(offset: offset) }
            var image = Image(path: path, buildID: buildID, source: source)
            let flags = try byte()
            image.isOtherFile = flags & 1 != 0
            image.hasBrokenUnwindTable = flags & 2 != 0
            let (start, length) = (try number(), try number())
            let (end, overflow) = start.addingReportingOverflow(length)
            if length > 0, !overflow { image.extent = start..<end }
            image.best = try symbols()
            image.perf = try symbols()
            if hasPlaces { image.places = try places() }
            return image
        }

        mutating func places() throws(PackedSymbolsError) -> [UInt64: [SourcePlace.Frame]] {
            var texts: [String] = []
            for _ in 0..<(try number()) { texts.append(String(decoding: try text(), as: UTF8.self)) }
            var places: [UInt64: [SourcePlace.Frame]] = [:]
            var last: UInt64 = 0
            for _ in 0..<(try number()) {
                let (place, overflow) = last.addingReportingOverflow(try number())
                guard !overflow else { throw .damaged(offset: offset) }
                var frames: [SourcePlace.Frame] = []
                for _ in 0..<(try number()) {
                    let (function, file, line) = (try number(), try number(), try number())
                    guard function < UInt64(texts.count), file < UInt64(texts.count) else {
                        throw .damaged(offset: offset)
                    }
                    frames.append(
                        SourcePlace.Frame(
                            function: texts[Int(function)], file: texts[Int(file)], line: UInt32(clamping: line)))
                }
                places[place] = frames
                last = place
            }
            return places
        }

        mutating func symbols() throws(PackedSymbolsError) -> [SymbolTable.Entry] {
            var entries: [SymbolTable.Entry] = []
            var last: UInt64 = 0
            for _ in 0..<(try number()) {
                let (start, first) = last.addingReportingOverflow(try number())
                let (end, second) = start.addingReportingOverflow(try number())
                guard !first, !second else { throw .damaged(offset: offset) }
                entries.append(SymbolTable.Entry(range: start..<end, name: try text()))
                last = end
            }
            return entries
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendLEB128(_ value: UInt64) {
        var rest = value
        while rest > 0x7f {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    fileprivate mutating func append(text: [UInt8]) {
        appendLEB128(UInt64(text.count))
        self += text
    }

    fileprivate mutating func append(symbols: [SymbolTable.Entry]) {
        appendLEB128(UInt64(symbols.count))
        var last: UInt64 = 0
        for symbol in symbols {
            appendLEB128(symbol.range.lowerBound &- last)
            appendLEB128(symbol.range.upperBound &- symbol.range.lowerBound)
            append(text: symbol.name)
            last = symbol.range.upperBound
        }
    }

    fileprivate mutating func append(places: [UInt64: [SourcePlace.Frame]]) {
        var texts: [String] = []
        var numbers: [String: UInt64] = [:]
        func number(of text: String) -> UInt64 {
            if let known = numbers[text] { return known }
            let number = UInt64(texts.count)
            texts.append(text)
            numbers[text] = number
            return number
        }
        var rest: [UInt8] = []
        rest.appendLEB128(UInt64(places.count))
        var last: UInt64 = 0
        for (offset, frames) in places.sorted(by: { $0.key < $1.key }) {
            rest.appendLEB128(offset - last)
            rest.appendLEB128(UInt64(frames.count))
            for frame in frames {
                rest.appendLEB128(number(of: frame.function))
                rest.appendLEB128(number(of: frame.file))
                rest.appendLEB128(UInt64(frame.line))
            }
            last = offset
        }
        appendLEB128(UInt64(texts.count))
        for text in texts { append(text: Array(text.utf8)) }
        self += rest
    }
}

package enum PackedSymbolsError: Error, Hashable, Sendable {
    /// The section has another format, or is cut; the offset in it.
    case damaged(offset: Int)
    /// Written by a newer Spawnscope.
    case newer(version: UInt32)
}
