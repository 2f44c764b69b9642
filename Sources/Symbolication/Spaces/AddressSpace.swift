internal import Unwinding

/// A stretch of addresses that an image is mapped at.
struct Mapping: Hashable {
    /// `end` is exclusive.
    var start: UInt64
    var end: UInt64
    /// What to add (wrapping) to an address in it to get the image's offset. Cutting a mapping leaves it as it is.
    var bias: UInt64
    /// Index of the image.
    var image: Int
    var isExecutable: Bool

    init?(start: UInt64, length: UInt64, bias: UInt64, image: Int, isExecutable: Bool = true) {
        guard length > 0 else { return nil }
        self.isExecutable = isExecutable
        let (end, overflow) = start.addingReportingOverflow(length)
        self.start = start
        self.end = overflow ? .max : end
        self.bias = bias
        self.image = image
    }
}

/// What one process, or the kernel, has mapped.
///
/// A fork shares the parent's maps, and their state, until either of the two maps something.
final class AddressSpace {
    /// Disjoint, sorted by start.
    private(set) var mappings: [Mapping] = [] {
        didSet { code = nil }
    }
    /// The executable ones as the unwinder takes them, made when it first asks.
    var code: CodeMap?
    /// Another number after every change of the maps; a fork has its parent's until either changes.
    private(set) var state: UInt32
    /// Whether the process has executed another program, of which nothing is mapped yet.
    private var isReplaced = false
    /// The image of that program: what is mapped first after an exec.
    private var program: Int?
    /// When its program began, by the session's clock; `nil` where it ran before.
    var startedAt: UInt64?
    /// Set when the process has exited: its place in the order of exits.
    var exitNumber: UInt64?

    init(state: UInt32) { self.state = state }

    init(forkOf parent: AddressSpace) {
        mappings = parent.mappings
        code = parent.code
        state = parent.state
        isReplaced = parent.isReplaced
        program = parent.program
    }

    /// Adds a mapping; what it overlaps of older ones is cut out of them.
    func insert(_ mapping: Mapping, newState: UInt32) {
        state = newState
        if isReplaced {
            isReplaced = false
            mappings = []
            program = mapping.image
        }
        let first = mappings.firstIndex(endingAfter: mapping.start)
        var last = first
        while last < mappings.count, mappings[last].start < mapping.end { last += 1 }
        var replacement: [Mapping] = []
        if first < last {
            var before = mappings[first]
            if before.start < mapping.start {
                before.end = mapping.start
                replacement.append(before)
            }
            replacement.append(mapping)
            var after = mappings[last - 1]
            if after.end > mapping.end {
                after.start = mapping.end
                replacement.append(after)
            }
            mappings.replaceSubrange(first..<last, with: replacement)
        } else {
            mappings.insert(mapping, at: first)
        }
    }

    /// The code that memory without a file has taken the place of, and is a copy of: of the program itself, which stays as long as the
    /// process, any part; of a library, which may have been unmapped before, what only a copy fits into.
    ///
    /// Programs do that for the sake of huge pages (`node --use-largepages`, BOLT's hugify, iodlr).
    func original(of copy: Mapping) -> Mapping? {
        guard !isReplaced, copy.isExecutable, let index = mappings.index(containing: copy.start) else { return nil }
        let original = mappings[index]
        guard original.isExecutable, original.end >= copy.end else { return nil }
        let beginsRight = copy.start == original.start || copy.start % Self.hugePage == 0
        let endsRight = copy.end == original.end || copy.end % Self.hugePage == 0
        return original.image == program || beginsRight && endsRight ? original : nil
    }

    private static let hugePage: UInt64 = 2 << 20

    /// Lets the first mapping of an image reach as far as this one, up to its neighbours.
    func extend(_ mapping: Mapping) {
        guard let index = mappings.firstIndex(where: { $0.image == mapping.image }) else { return }
        let before = index > 0 ? mappings[index - 1].end : 0
        let after = index + 1 < mappings.count ? mappings[index + 1].start : .max
        mappings[index].start = max(before, mapping.start)
        mappings[index].end = max(mappings[index].start, min(after, mapping.end))
    }

    /// The next mapping is a new program's first, and the old ones are gone with it. Until then the process is still
    /// inside execve(2), and its user stack is the one that it called from.
    func replaceAll() { isReplaced = true }

    func mapping(containing address: UInt64) -> Mapping? {
        mappings.index(containing: address).map { mappings[$0] }
    }
}

/// Disjoint mappings, sorted by start.
extension [Mapping] {
    func index(containing address: UInt64) -> Int? {
        let index = firstIndex(endingAfter: address)
        return index < count && self[index].start <= address ? index : nil
    }

    func firstIndex(endingAfter address: UInt64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low &+ (high &- low) / 2
            if self[middle].end <= address { low = middle &+ 1 } else { high = middle }
        }
        return low
    }
}
