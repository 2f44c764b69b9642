import ByteAccess
import PerfRecords

/// A kernel's description of its own types (BTF), as in /sys/kernel/btf/vmlinux, from which the offsets of struct
/// fields are read.
///
/// BTF has no index: types are walked from the first, only as far as a look-up needs, and the start of each is kept.
/// What does not match Documentation/bpf/btf.rst and linux/btf.h is not found. No field's value decides how much is
/// allocated.
package struct TypeInformation {
    /// A member of a struct, possibly inside its unnamed structs and unions.
    package struct Member: Hashable {
        /// From the start of the outermost struct, in bytes.
        package var offset: Int
        /// Type id, from 1.
        package var type: Int
    }

    /// A type's fixed part, `{ u32 name; u32 info; u32 size_or_type; }`.
    private struct Header {
        var name: Int
        var kind: UInt32
        /// How many members or parameters follow.
        var count: Int
        /// `kind_flag`: the upper byte of a member's offset is its size as a bit field, in bits.
        var hasBitFields: Bool
        var sizeOrType: Int

        var isComposite: Bool { kind == Kind.structure || kind == Kind.union }

        /// Bytes between the fixed part and the next type.
        static func sizeBehind(_ kind: UInt32, count: Int) -> Int {
            switch kind {
            // An integer's encoding, a variable's linkage, a declaration's tag.
            case 1, 14, 17: 4
            case Kind.array: 12
            // Members, variables of a section, values of 64 bits.
            case Kind.structure, Kind.union, 15, 19: TypeInformation.memberSize * count
            // Values, parameters.
            case 6, 13: 8 * count
            default: 0
            }
        }
    }

    private enum Kind {
        static let pointer: UInt32 = 2
        static let array: UInt32 = 3
        static let structure: UInt32 = 4
        static let union: UInt32 = 5
        static let alias: UInt32 = 8
        static let function: UInt32 = 12
        static let prototype: UInt32 = 13
        static let lastKnown: UInt32 = 19
        /// A bit for each kind that `ids` finds.
        static let named: UInt32 = 1 << structure | 1 << alias | 1 << function
        /// typedef, volatile, const, restrict and type_tag: another type by another name.
        static let aliases: Set<UInt32> = [8, 9, 10, 11, 18]
    }

    private static let magic: UInt16 = 0xeb9f
    private static let headerSize = 12
    private static let memberSize = 12
    /// The most members that one look-up visits; the largest kernel structs have a few hundred.
    private static let mostMembers = 1 << 16

    private let types: Range<Int>
    private let strings: Range<Int>
    /// Offsets of the types walked so far, from id 1 on, and of the next type.
    private var starts: [UInt32] = []
    private var next: Int

    /// Reads `struct btf_header`; `nil` if there is none.
    package init?(_ bytes: borrowing RawSpan) {
        guard bytes.load(UInt16.self, at: 0) == Self.magic, let length = bytes.load(UInt32.self, at: 4),
            let types = Self.section(bytes, at: 8, behind: Int(length)),
            let strings = Self.section(bytes, at: 16, behind: Int(length))
        else { return nil }
        (self.types, self.strings, next) = (types, strings, types.lowerBound)
    }

    private static func section(_ bytes: borrowing RawSpan, at field: Int, behind header: Int) -> Range<Int>? {
        guard let offset = bytes.load(UInt32.self, at: field), let length = bytes.load(UInt32.self, at: field + 4)
        else { return nil }
        let start = header + Int(offset)
        return bytes.clamped(start..<start + Int(length))
    }

    /// Offset of the strings, which hold the names.
    package var stringsStart: Int { strings.lowerBound }

    // MARK: - Look-up

    /// The id of the first struct of this name; `nil` if there is none.
    package mutating func structure(_ name: String, in bytes: borrowing RawSpan) -> Int? {
        let wanted = Array(name.utf8)
        var type = 1
        while let header = header(of: type, in: bytes) {
            if header.kind == Kind.structure, isName(header.name, wanted, in: bytes) { return type }
            type += 1
        }
        return nil
    }

    /// The ids of the first types of these names, in one pass over all types, of which a kernel has some 150,000.
    ///
    /// Names are compared by their first eight bytes first, by numbers alone: nothing is retained for a type.
    mutating func ids(of names: [KernelTypes.Name], in bytes: borrowing RawSpan) -> [KernelTypes.Name: Int] {
        var found: [KernelTypes.Name: Int] = [:]
        let wanted = names.indices.map { index in
            Wanted(index: index, names[index].kind.rawValue, Self.start(of: Array(names[index].text.utf8) + [0]))
        }.sorted { $0.kind < $1.kind }
        // Where in `wanted` the names of each kind are.
        let ranges = (0...Kind.lastKnown).map { kind in
            let first = wanted.firstIndex { $0.kind >= kind } ?? wanted.count
            return first..<(wanted.firstIndex { $0.kind > kind } ?? wanted.count)
        }
        guard starts.isEmpty else { return found }
        // Locals, since each access to a property of `self` is checked.
        let (types, strings) = (types, strings)
        var starts: [UInt32] = []
        starts.reserveCapacity(1 << 18)
        var place = types.lowerBound
        while found.count < names.count, place <= types.upperBound - Self.headerSize,
            let name = bytes.load(UInt32.self, at: place), let information = bytes.load(UInt32.self, at: place + 4)
        {
            let kind = information >> 24 & 0x1f
            guard kind <= Kind.lastKnown else { break }
            starts.append(UInt32(truncatingIfNeeded: place))
            place += Self.headerSize + Header.sizeBehind(kind, count: Int(information & 0xffff))
            guard Kind.named >> kind & 1 != 0,
                let start = bytes.load(UInt64.self, at: strings.lowerBound + Int(name))
            else { continue }
            for place in ranges[Int(kind)] where (start ^ wanted[place].start) & wanted[place].mask == 0 {
                let text = names[wanted[place].index]
                if found[text] == nil, isName(Int(name), Array(text.text.utf8), in: bytes) {
                    found[text] = starts.count
                }
            }
        }
        self.starts = starts
        next = place
        return found
    }

    /// A name that is looked for, by its first bytes.
    private struct Wanted {
        var index: Int
        var kind: UInt32
        var start: UInt64
        var mask: UInt64

        init(index: Int, _ kind: UInt32, _ start: (value: UInt64, mask: UInt64)) {
            (self.index, self.kind, self.start, mask) = (index, kind, start.value, start.mask)
        }
    }

    /// Up to eight bytes of a name as one number, and which of its bits those are.
    private static func start(of name: [UInt8]) -> (value: UInt64, mask: UInt64) {
        let bytes = name.prefix(8)
        let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return (value, bytes.count == 8 ? .max : (1 << (8 * UInt64(bytes.count))) - 1)
    }

    /// How many parameters the function has to which a type points; `nil` for other types.
    mutating func parameters(ofPointer type: Int, in bytes: borrowing RawSpan) -> Int? {
        guard let pointer = resolved(type, in: bytes), pointer.header.kind == Kind.pointer,
            let function = resolved(pointer.header.sizeOrType, in: bytes), function.header.kind == Kind.prototype
        else { return nil }
        return function.header.count
    }

    /// A member of a struct or union, also inside its unnamed ones. Bit fields, and members not at a whole byte, are
    /// not found.
    package mutating func member(_ name: String, of type: Int, in bytes: borrowing RawSpan) -> Member? {
        let wanted = Array(name.utf8)
        var rest = Self.mostMembers
        // Unnamed members are searched one after the other, without recursion; `rest` ends the search if they nest
        // forever.
        var open = [Member(offset: 0, type: type)]
        while let outer = open.popLast() {
            guard let found = resolved(outer.type, in: bytes), found.header.isComposite else { continue }
            for index in 0..<found.header.count {
                rest -= 1
                let place = found.start + Self.headerSize + index * Self.memberSize
                guard rest > 0, types.contains(place), let label = bytes.load(UInt32.self, at: place),
                    let inner = bytes.load(UInt32.self, at: place + 4),
                    let bits = bytes.load(UInt32.self, at: place + 8)
                else { return nil }
                let isBitField = found.header.hasBitFields && bits >> 24 != 0
                let offset = Int(found.header.hasBitFields ? bits & 0xff_ffff : bits)
                guard !isBitField, offset % 8 == 0 else { continue }
                let member = Member(offset: outer.offset + offset / 8, type: Int(inner))
                if label == 0 {
                    open.append(member)
                } else if isName(Int(label), wanted, in: bytes) {
                    return member
                }
            }
        }
        return nil
    }

    /// The element type and count of an array; `nil` for other types.
    package mutating func element(of type: Int, in bytes: borrowing RawSpan) -> (type: Int, count: Int)? {
        guard let found = resolved(type, in: bytes), found.header.kind == Kind.array,
            let element = bytes.load(UInt32.self, at: found.start + Self.headerSize),
            let count = bytes.load(UInt32.self, at: found.start + Self.headerSize + 8)
        else { return nil }
        return (Int(element), Int(count))
    }

    /// Size in bytes; `nil` for arrays, functions and types without a size.
    package mutating func size(of type: Int, in bytes: borrowing RawSpan) -> Int? {
        guard let found = resolved(type, in: bytes) else { return nil }
        switch found.header.kind {
        case Kind.pointer: return 8
        // Integers, structs, unions, enumerations and floats.
        case 1, Kind.structure, Kind.union, 6, 16, 19: return found.header.sizeOrType
        default: return nil
        }
    }

    // MARK: - Types

    /// The type behind typedefs and qualifiers.
    private mutating func resolved(_ type: Int, in bytes: borrowing RawSpan) -> (header: Header, start: Int)? {
        var type = type
        for _ in 0..<32 {
            guard let header = header(of: type, in: bytes) else { return nil }
            guard Kind.aliases.contains(header.kind) else { return (header, Int(starts[type - 1])) }
            type = header.sizeOrType
        }
        return nil
    }

    private mutating func header(of type: Int, in bytes: borrowing RawSpan) -> Header? {
        guard type > 0 else { return nil }
        while starts.count < type {
            guard let header = Self.header(bytes, at: next, in: types), header.kind <= Kind.lastKnown else {
                return nil
            }
            starts.append(UInt32(truncatingIfNeeded: next))
            next += Self.headerSize + Header.sizeBehind(header.kind, count: header.count)
        }
        return Self.header(bytes, at: Int(starts[type - 1]), in: types)
    }

    private static func header(_ bytes: borrowing RawSpan, at start: Int, in types: Range<Int>) -> Header? {
        guard start <= types.upperBound - headerSize, let name = bytes.load(UInt32.self, at: start),
            let information = bytes.load(UInt32.self, at: start + 4), let last = bytes.load(UInt32.self, at: start + 8)
        else { return nil }
        return Header(
            name: Int(name), kind: information >> 24 & 0x1f, count: Int(information & 0xffff),
            hasBitFields: information >> 31 != 0, sizeOrType: Int(last))
    }

    private func isName(_ offset: Int, _ wanted: [UInt8], in bytes: borrowing RawSpan) -> Bool {
        let start = strings.lowerBound + offset
        guard start + wanted.count < strings.upperBound else { return false }
        for (index, byte) in wanted.enumerated() where bytes.load(UInt8.self, at: start + index) != byte {
            return false
        }
        return bytes.load(UInt8.self, at: start + wanted.count) == 0
    }
}
