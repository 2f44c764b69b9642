/// Checks that bytes are a well-formed XML 1.0 document, of the parts of XML that a picture uses: no doctype, no comments, no
/// processing instructions but the first line. https://www.w3.org/TR/xml/
struct StrictXML {
    struct Fault: Error {
        var what: String
        var offset: Int
    }

    struct Element {
        var name: String
        var attributes: [String: String]
        /// Text of its own, entities resolved.
        var text = ""
        var depth: Int
    }

    private(set) var elements: [Element] = []
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("no UTF-8") }
        // Production 2, Char.
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x9, 0xa, 0xd, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: break
            default: throw fault("the character \(scalar.value)")
            }
        }
        try expect("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        var open: [Int] = []
        repeat {
            if take("</") {
                let name = try name()
                guard let last = open.popLast(), elements[last].name == name else { throw fault("the end of \(name)") }
                _ = take("\n")
                try expect(">")
            } else if take("<![CDATA[") {
                while !take("]]>") { try step() }
            } else if take("<") {
                try start(&open)
            } else {
                let text = try data(until: UInt8(ascii: "<"))
                if let last = open.last { elements[last].text += text }
            }
        } while !open.isEmpty
        _ = take("\n")
        guard offset == bytes.count else { throw fault("something behind the root") }
    }

    private mutating func start(_ open: inout [Int]) throws {
        var element = Element(name: try name(), attributes: [:], depth: open.count)
        while take(" ") {
            let key = try name()
            try expect("=\"")
            let value = try data(until: UInt8(ascii: "\""))
            guard element.attributes.updateValue(value, forKey: key) == nil else { throw fault("\(key) twice") }
            try expect("\"")
        }
        elements.append(element)
        if take("/>") { return }
        try expect(">")
        open.append(elements.count - 1)
    }

    private mutating func name() throws -> String {
        let start = offset
        while offset < bytes.count, isNameByte(bytes[offset]) { offset += 1 }
        guard offset > start else { throw fault("no name") }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
    }

    private mutating func data(until end: UInt8) throws -> String {
        var text: [UInt8] = []
        while offset < bytes.count, bytes[offset] != end {
            switch bytes[offset] {
            case UInt8(ascii: "<"), UInt8(ascii: ">"): throw fault("markup in data")
            case UInt8(ascii: "&"):
                let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
                guard let (entity, character) = entities.first(where: { bytes[offset...].starts(with: $0.key.utf8) })
                else { throw fault("an unknown entity") }
                text += Array(character.utf8)
                offset += entity.utf8.count
            default:
                text.append(bytes[offset])
                offset += 1
            }
        }
        guard offset < bytes.count else { throw fault("data without end") }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[offset...].starts(with: text.utf8) else { return false }
        offset += text.utf8.count
        return true
    }

    private mutating func expect(_ text: String) throws {
        guard take(text) else { throw fault("not \(text)") }
    }

    private mutating func step() throws {
        guard offset < bytes.count else { throw fault("no end") }
        offset += 1
    }

    private func fault(_ what: String) -> Fault { Fault(what: what, offset: offset) }
}
