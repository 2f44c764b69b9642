import ByteAccess

/// Types of the running kernel by name, found in one pass over its description (BTF), which has no index.
struct KernelTypes {
    /// The kinds that can be looked up; others may have the same names.
    enum Kind: UInt32 {
        case structure = 4
        case alias = 8
        case function = 12
    }

    struct Name: Hashable {
        let kind: Kind
        let text: String

        init(_ kind: Kind, _ text: String) { (self.kind, self.text) = (kind, text) }
    }

    private var types: TypeInformation
    private let ids: [Name: Int]

    /// `nil` if the bytes are not type information. Names that the kernel does not have are not found.
    init?(_ bytes: borrowing RawSpan, names: [Name]) {
        guard var types = TypeInformation(bytes) else { return nil }
        ids = types.ids(of: names, in: bytes)
        self.types = types
    }

    /// The id of a type, for the kernel; `nil` if it has none of this name.
    func id(_ kind: Kind, _ name: String) -> Int? { ids[Name(kind, name)] }

    /// The offset in bytes of a member, such as `task_struct.thread.fsbase`, and its type.
    mutating func place(_ path: String, in bytes: borrowing RawSpan) -> TypeInformation.Member? {
        let parts = path.split(separator: ".")
        guard let first = parts.first, let outer = id(.structure, String(first)) else { return nil }
        var found = TypeInformation.Member(offset: 0, type: outer)
        for part in parts.dropFirst() {
            guard let inner = types.member(String(part), of: found.type, in: bytes) else { return nil }
            found = TypeInformation.Member(offset: found.offset + inner.offset, type: inner.type)
        }
        return found
    }

    /// The element type of an array member and its size in bytes.
    mutating func element(of member: TypeInformation.Member, in bytes: borrowing RawSpan) -> (type: Int, size: Int)? {
        guard let element = types.element(of: member.type, in: bytes),
            let size = types.size(of: element.type, in: bytes)
        else { return nil }
        return (element.type, size)
    }

    /// A member of a type that has no name of its own here.
    mutating func member(_ name: String, of type: Int, in bytes: borrowing RawSpan) -> TypeInformation.Member? {
        types.member(name, of: type, in: bytes)
    }

    /// How many arguments a tracepoint's program gets, besides the one that only probes in C get.
    mutating func arguments(ofTracepoint name: String, in bytes: borrowing RawSpan) -> Int? {
        id(.alias, "btf_trace_" + name).flatMap { types.parameters(ofPointer: $0, in: bytes) }.map { $0 - 1 }
    }
}
