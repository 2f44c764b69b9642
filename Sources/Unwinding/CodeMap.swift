/// The executable mappings of one process at one moment.
public struct CodeMap: Sendable {
    /// Addresses `start..<end` of one image.
    public struct Mapping: Hashable, Sendable {
        /// The first address.
        public var start: UInt64
        /// One past the last address.
        public var end: UInt64
        /// Added (wrapping) to an address, gives the offset in the image's file.
        public var bias: UInt64
        /// Number of the image; negative for memory without a file, such as JIT-compiled code.
        public var image: Int32

        /// A mapping of `start..<end`.
        public init(start: UInt64, end: UInt64, bias: UInt64, image: Int32) {
            self.start = start
            self.end = end
            self.bias = bias
            self.image = image
        }

        @inline(__always)
        func contains(_ address: UInt64) -> Bool { address >= start && address < end }
    }

    /// Disjoint, sorted by start.
    public private(set) var mappings: [Mapping]

    /// Sorts the mappings. Empty ones are left out; of mappings that overlap, the one with the lowest start is kept.
    public init(_ mappings: [Mapping]) {
        var kept: [Mapping] = []
        kept.reserveCapacity(mappings.count)
        for mapping in mappings.sorted(by: { $0.start < $1.start })
        where mapping.start < mapping.end && mapping.start >= kept.last?.end ?? 0 {
            kept.append(mapping)
        }
        self.mappings = kept
    }

    /// Adds a mapping, replacing the parts of older ones that it covers, as mmap(2) with `MAP_FIXED` does. An empty
    /// mapping is ignored.
    public mutating func map(_ mapping: Mapping) {
        guard mapping.start < mapping.end else { return }
        unmap(mapping.start..<mapping.end)
        mappings.insert(mapping, at: firstIndex(endingAfter: mapping.start))
    }

    /// Removes everything mapped in a range, as munmap(2) does.
    public mutating func unmap(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        let first = firstIndex(endingAfter: range.lowerBound)
        let covered = mappings[first...].prefix { $0.start < range.upperBound }
        var left: [Mapping] = []
        for mapping in covered {
            var (head, tail) = (mapping, mapping)
            head.end = min(head.end, range.lowerBound)
            tail.start = max(tail.start, range.upperBound)
            left += [head, tail].filter { $0.start < $0.end }
        }
        mappings.replaceSubrange(covered.indices, with: left)
    }

    /// The mapping around an address; `nil` if there is none. A binary search.
    public func mapping(containing address: UInt64) -> Mapping? {
        let index = firstIndex(endingAfter: address)
        return index < mappings.count && mappings[index].contains(address) ? mappings[index] : nil
    }

    @inline(__always)
    private func firstIndex(endingAfter address: UInt64) -> Int {
        var low = 0
        var high = mappings.count
        while low < high {
            let middle = low &+ (high &- low) / 2
            if mappings[middle].end <= address { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The index of the mapping around an address. `hint` is tried first and updated with the result: callers are often
    /// in the same image as their callees.
    @inline(__always)
    func index(containing address: UInt64, hint: inout Int) -> Int? {
        if hint < mappings.count, mappings[hint].contains(address) { return hint }
        let found = firstIndex(endingAfter: address)
        guard found < mappings.count, mappings[found].contains(address) else { return nil }
        hint = found
        return found
    }
}
