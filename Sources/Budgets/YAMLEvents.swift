internal import CLibYAML

/// A position in the text as libyaml gives it: all counts from 0, in Unicode scalars.
struct YAMLMark: Hashable {
    var offset = 0
    var line = 0
    var column = 0
}

/// Reads the events of a YAML text one by one, as libyaml parses them (https://pyyaml.org/wiki/LibYAML), so that input
/// is checked before anything is built from it.
@safe struct YAMLEvents: ~Copyable {
    enum Kind: Hashable {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias
        case scalar(text: String, isPlain: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    struct Event {
        var kind: Kind
        var hasAnchor = false
        var hasTag = false
        var start: YAMLMark
        var end: YAMLMark
    }

    // libyaml keeps pointers to its parser and the text, so both need stable addresses.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    /// `nil` if out of memory.
    init?(_ bytes: [UInt8]) {
        unsafe text = .allocate(capacity: max(bytes.count, 1))
        unsafe _ = text.initialize(from: bytes)
        unsafe parser = .allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            unsafe text.deallocate()
            return nil
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    mutating func next() throws(YAMLError) -> Event {
        var raw = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &raw) == 1 else { throw problem }
        defer { unsafe yaml_event_delete(&raw) }
        var event = unsafe Event(kind: .streamEnd, start: YAMLMark(raw.start_mark), end: YAMLMark(raw.end_mark))
        switch unsafe raw.type {
        case YAML_STREAM_START_EVENT: event.kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: event.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: event.kind = .documentEnd
        case YAML_ALIAS_EVENT: event.kind = .alias
        case YAML_SCALAR_EVENT:
            let scalar = unsafe raw.data.scalar
            let value = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            event.kind = unsafe .scalar(
                text: String(decoding: value, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
            event.hasAnchor = unsafe scalar.anchor != nil
            event.hasTag = unsafe scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            event.kind = .sequenceStart
            event.hasAnchor = unsafe raw.data.sequence_start.anchor != nil
            event.hasTag = unsafe raw.data.sequence_start.tag != nil
        case YAML_SEQUENCE_END_EVENT: event.kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            event.kind = .mappingStart
            event.hasAnchor = unsafe raw.data.mapping_start.anchor != nil
            event.hasTag = unsafe raw.data.mapping_start.tag != nil
        case YAML_MAPPING_END_EVENT: event.kind = .mappingEnd
        // YAML_STREAM_END_EVENT, and the YAML_NO_EVENT that follows it.
        default: event.kind = .streamEnd
        }
        return event
    }

    private var problem: YAMLError {
        let state = unsafe parser.pointee
        let words = unsafe state.problem.map { unsafe String(cString: $0) } ?? "no memory"
        let isOfReader = unsafe state.error == YAML_READER_ERROR
        // Errors of libyaml's reader have a byte offset, all others a mark.
        return unsafe YAMLError(
            text: words, mark: YAMLMark(isOfReader ? state.mark : state.problem_mark),
            invalidByte: isOfReader ? Int(clamping: state.problem_offset) : nil)
    }
}

extension YAMLMark {
    fileprivate init(_ mark: yaml_mark_t) {
        offset = Int(clamping: mark.index)
        line = Int(clamping: mark.line)
        column = Int(clamping: mark.column)
    }
}

/// A YAML error in libyaml's words, and its position.
struct YAMLError: Error {
    var text: String
    var mark: YAMLMark
    /// The offset of the first byte that is not UTF-8.
    var invalidByte: Int?
}
