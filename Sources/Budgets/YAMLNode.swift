/// The content of a YAML text, with source positions. Anchors, aliases and tags are refused: a budget file needs none,
/// and with aliases a short text can make a huge value.
struct YAMLNode {
    enum Content {
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    var content: Content
    var position: BudgetFile.Position
    /// The range of a scalar, quotes included, in Unicode scalars from the text's start.
    var range: Range<Int>
    /// The last line of the node, or of its last part; from 1.
    var lastLine: Int

    /// The nesting limit; a budget file needs four levels of collections.
    static let deepest = 8

    /// Parses a text with exactly one document.
    static func document(_ bytes: [UInt8]) throws(BudgetFileError) -> YAMLNode {
        guard bytes.count <= BudgetFile.mostBytes else { throw BudgetFileError(.tooLarge(bytes: bytes.count)) }
        // A byte order mark is skipped, since libyaml would count it.
        let isMarked = bytes.starts(with: byteOrderMark)
        guard var events = YAMLEvents(isMarked ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes) else {
            throw BudgetFileError(.syntax("no memory"))
        }
        var reader = Reader(shift: isMarked ? 1 : 0, bytes: bytes)
        return try reader.document(&events)
    }

    static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
}

extension YAMLNode {
    private struct Reader {
        /// Scalars before the first one that libyaml sees.
        let shift: Int
        let bytes: [UInt8]

        mutating func document(_ events: inout YAMLEvents) throws(BudgetFileError) -> YAMLNode {
            var first = try next(&events)
            while first.kind == .streamStart { first = try next(&events) }
            guard first.kind == .documentStart else { throw BudgetFileError(.empty, at: position(first.start)) }
            let node = try node(try next(&events), &events, depth: 0)
            var last = try next(&events)
            while last.kind == .documentEnd { last = try next(&events) }
            guard last.kind == .streamEnd else { throw BudgetFileError(.severalDocuments, at: position(last.start)) }
            return node
        }

        private func next(_ events: inout YAMLEvents) throws(BudgetFileError) -> YAMLEvents.Event {
            do throws(YAMLError) {
                return try events.next()
            } catch {
                guard let byte = error.invalidByte else {
                    throw BudgetFileError(.syntax(error.text), at: position(error.mark))
                }
                let line = 1 + bytes.prefix(byte).count { $0 == UInt8(ascii: "\n") }
                throw BudgetFileError(.notText(error.text), at: BudgetFile.Position(line: line, column: 1))
            }
        }

        private func position(_ mark: YAMLMark) -> BudgetFile.Position {
            BudgetFile.Position(line: mark.line + 1, column: mark.column + 1)
        }

        private mutating func node(
            _ event: YAMLEvents.Event, _ events: inout YAMLEvents, depth: Int
        ) throws(BudgetFileError) -> YAMLNode {
            let place = position(event.start)
            guard depth < YAMLNode.deepest else { throw BudgetFileError(.tooDeep, at: place) }
            if event.kind == .alias || event.hasAnchor { throw BudgetFileError(.anchor, at: place) }
            if event.hasTag { throw BudgetFileError(.tag, at: place) }
            var content: Content
            var lastLine = position(event.end).line
            // A block's end mark lies behind its last line break, at the start of the next line.
            if event.end.column == 0, lastLine > place.line { lastLine -= 1 }
            switch event.kind {
            case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
            case .sequenceStart:
                var items: [YAMLNode] = []
                var item = try next(&events)
                while item.kind != .sequenceEnd {
                    items.append(try node(item, &events, depth: depth + 1))
                    item = try next(&events)
                }
                lastLine = self.lastLine(item, of: items.last)
                content = .sequence(items)
            case .mappingStart:
                var members: [(key: YAMLNode, value: YAMLNode)] = []
                var key = try next(&events)
                while key.kind != .mappingEnd {
                    let name = try node(key, &events, depth: depth + 1)
                    members.append((name, try node(try next(&events), &events, depth: depth + 1)))
                    key = try next(&events)
                }
                lastLine = self.lastLine(key, of: members.last?.value)
                content = .mapping(members)
            // Unreachable: libyaml closes all that it opens.
            default: throw BudgetFileError(.syntax("unexpected end"), at: place)
            }
            let start = event.start.offset + shift
            return YAMLNode(
                content: content, position: place, range: start..<max(start, event.end.offset + shift),
                lastLine: lastLine)
        }

        /// The last line of a collection. In braces or brackets it is that of the closing one; a block, whose end event
        /// is empty, ends with its last part.
        private func lastLine(_ end: YAMLEvents.Event, of last: YAMLNode?) -> Int {
            let own = position(end.end).line
            return end.end.offset > end.start.offset ? own : last?.lastLine ?? own
        }
    }
}
