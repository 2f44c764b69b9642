extension SymbolTable {
    /// One symbol of a table, as a value.
    package struct Entry: Hashable, Sendable {
        /// File offsets, or addresses for kallsyms and JIT maps.
        package var range: Range<UInt64>
        /// The name as stored in the file.
        package var name: [UInt8]

        package init(range: Range<UInt64>, name: [UInt8]) {
            self.range = range
            self.name = name
        }
    }

    /// A table of disjoint entries, sorted by start. An entry that is empty or starts before the end of the last one is
    /// left out.
    package init(entries: [Entry]) {
        var names: [UInt8] = []
        var ranges: [NameRange] = []
        for entry in entries {
            guard let offset = UInt32(exactly: names.count), let length = UInt32(exactly: entry.name.count) else {
                break
            }
            ranges.append(NameRange(offset: offset, length: length))
            names += entry.name
        }
        self.init(names: names, capacity: ranges.count)
        for (entry, name) in zip(entries, ranges) {
            append(start: entry.range.lowerBound, end: entry.range.upperBound, name: name)
        }
    }

    package func entry(at index: Int) -> Entry? {
        range(at: index).map { Entry(range: $0, name: Array(name(at: index))) }
    }
}
