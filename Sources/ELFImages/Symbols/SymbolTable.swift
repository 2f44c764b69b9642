/// The names of one image's code: disjoint ranges sorted by start, built once, searched without allocation.
public struct SymbolTable: Sendable {
    /// Parallel arrays; `ends[i]` is exclusive, and no greater than `starts[i + 1]`.
    private var starts: [UInt64] = []
    private var ends: [UInt64] = []
    private var nameRanges: [NameRange] = []
    private var names: [UInt8]
    /// The names of symbols between which nothing but these decides. They are compared when one is asked for: until then
    /// the length in `nameRanges` is how many they are, marked, and the offset is where they begin here.
    private var tied: [NameRange] = []
    private var preference: SymbolPreference?

    /// Marks a length in `nameRanges` that is not a name's.
    private static let tiedMark: UInt32 = 1 << 31

    /// A table without symbols.
    public init() { names = [] }

    init(names: [UInt8], capacity: Int) {
        self.names = names
        reserve(capacity)
    }

    /// - Parameter tied: the names that `append(start:end:tied:)` refers to.
    init(names: [UInt8], capacity: Int, tied: [NameRange], _ preference: SymbolPreference) {
        self.names = names
        self.tied = tied
        self.preference = preference
        reserve(capacity)
    }

    private mutating func reserve(_ capacity: Int) {
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
        nameRanges.reserveCapacity(capacity)
    }

    /// How many symbols there are; they are numbered from 0 in the order of their offsets.
    public var count: Int { starts.count }

    /// The memory that the table takes, in bytes.
    package var byteCount: Int { starts.count * 24 + names.count + tied.count * 8 }

    /// Appends a range; one that is empty or starts before the end of the last one is left out.
    mutating func append(start: UInt64, end: UInt64, name: NameRange) {
        guard name.length < Self.tiedMark else { return }
        append(start, end, name)
    }

    /// Appends a range whose name is one of several, which are compared when it is asked for.
    mutating func append(start: UInt64, end: UInt64, tied group: Range<Int>) {
        guard var group = NameRange(group), group.length > 0 else { return }
        group.length |= Self.tiedMark
        append(start, end, group)
    }

    private mutating func append(_ start: UInt64, _ end: UInt64, _ name: NameRange) {
        guard start < end, start >= ends.last ?? 0 else { return }
        starts.append(start)
        ends.append(end)
        nameRanges.append(name)
    }

    /// The symbol around a file offset (an address for kallsyms and JIT maps); `nil` if there is none.
    public func index(containing offset: UInt64) -> Int? {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = low &+ (high &- low) / 2
            if starts[middle] <= offset { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0, offset < ends[low &- 1] else { return nil }
        return low &- 1
    }

    /// The bytes of a symbol's name as stored in the file; empty for an index that does not exist.
    public func name(at index: Int) -> ArraySlice<UInt8> {
        guard nameRanges.indices.contains(index) else { return [] }
        var range = nameRanges[index]
        if range.length & Self.tiedMark != 0, let preference {
            range.length &= ~Self.tiedMark
            range = preference.best(of: tied[range.indices(in: tied.count)], names)
        }
        return names[range.indices(in: names.count)]
    }

    /// The file offsets (addresses for kallsyms and JIT maps) that a symbol covers; `nil` for an index that does not
    /// exist.
    public func range(at index: Int) -> Range<UInt64>? {
        guard starts.indices.contains(index) else { return nil }
        return starts[index]..<ends[index]
    }
}
