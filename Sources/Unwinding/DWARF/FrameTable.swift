/// Finds the entry of an address in `.eh_frame` or `.debug_frame`: through the search table if there is a valid one,
/// else through an index built by reading the section once.
struct FrameTable {
    let section: FrameSection
    private var searchTable: SearchTable?
    /// Sorted by start; `nil` until first needed.
    private var index: [(start: UInt64, end: UInt64, offset: Int)]?
    private var commons: [Int: CommonInformation?] = [:]
    private(set) var problem: UnwindError?

    init(_ section: FrameSection, header: UnwindSections.Section?) {
        self.section = section
        searchTable = header.flatMap(SearchTable.init)
        if header != nil, searchTable == nil { problem = .searchTable }
    }

    /// The function around an address.
    mutating func description(containing address: UInt64) -> FrameDescription? {
        if let table = searchTable {
            guard let place = table.index(atOrBelow: address), let (function, entry) = table[place] else { return nil }
            if let offset = Int(exactly: entry &- section.bases.section),
                let found = description(at: offset), found.start == function
            {
                return found.contains(address) ? found : nil
            }
            searchTable = nil
            problem = .searchTable
        }
        guard let place = indexPlace(atOrBelow: address), let index, address < index[place].end else { return nil }
        return description(at: index[place].offset)
    }

    /// The start of the last function that begins at or below an address.
    mutating func functionStart(atOrBelow address: UInt64) -> UInt64? {
        if let table = searchTable { return table.index(atOrBelow: address).flatMap { table[$0]?.function } }
        guard let place = indexPlace(atOrBelow: address) else { return nil }
        return index?[place].start
    }

    private mutating func indexPlace(atOrBelow address: UInt64) -> Int? {
        let index = builtIndex()
        var low = 0
        var high = index.count
        while low < high {
            let middle = low &+ (high &- low) / 2
            if index[middle].start <= address { low = middle &+ 1 } else { high = middle }
        }
        return low > 0 ? low &- 1 : nil
    }

    private mutating func builtIndex() -> [(start: UInt64, end: UInt64, offset: Int)] {
        if let index { return index }
        var built: [(start: UInt64, end: UInt64, offset: Int)] = []
        var offset = 0
        while offset < section.bytes.count {
            guard let entry = section.entry(at: offset) else {
                problem = problem ?? .entry(section.kind, offset: offset)
                break
            }
            if case .description = entry.content, let found = description(at: offset) {
                let (end, overflow) = found.start.addingReportingOverflow(found.size)
                if found.size > 0 { built.append((found.start, overflow ? .max : end, offset)) }
            }
            offset = entry.end
        }
        built.sort { ($0.start, $0.offset) < ($1.start, $1.offset) }
        index = built
        return built
    }

    private mutating func description(at offset: Int) -> FrameDescription? {
        guard let entry = section.entry(at: offset), case .description(let commonOffset) = entry.content,
            let common = common(at: commonOffset),
            let found = section.description(at: offset, entry: entry, common: common)
        else {
            problem = problem ?? .entry(section.kind, offset: offset)
            return nil
        }
        return found
    }

    private mutating func common(at offset: Int) -> CommonInformation? {
        if let known = commons[offset] { return known }
        let read = section.common(at: offset)
        // Bounds memory: a hostile section could hold millions.
        if commons.count >= 4096 { commons.removeAll(keepingCapacity: true) }
        commons[offset] = .some(read)
        return read
    }
}
