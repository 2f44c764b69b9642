internal import Unwinding

/// A range of addresses at which an image is mapped.
struct Mapping: Hashable {
    /// `end` is exclusive.
    var start: UInt64
    var end: UInt64
    /// What to add (wrapping) to an address to get the offset in the image. It stays the same when the mapping is cut.
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
    /// The executable mappings in the form that the unwinder needs, built on its first use.
    var code: CodeMap?
    /// A new number after every change of the maps; a fork has its parent's until either changes.
    private(set) var state: UInt32
    /// Whether the process has executed another program, none of whose mappings has come yet.
    private var isReplaced = false
    /// The image of the current program: the first one that was mapped after its exec.
    private var program: Int?
    /// When its program began, by the session's clock; `nil` if before the recording.
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

    /// Adds a mapping, and cuts what it overlaps out of older ones.
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

    /// The file mapping that an anonymous mapping is a copy of, having replaced it. In the program itself, which stays
    /// mapped as long as the process runs, it may be any part. A library may have been unmapped before, so only a range
    /// that begins and ends at the mapping's bounds or at a huge page counts.
    ///
    /// Programs do this to get huge pages (`node --use-largepages`, BOLT's hugify, iodlr).
    func original(of copy: Mapping) -> Mapping? {
        guard !isReplaced, copy.isExecutable, let index = mappings.index(containing: copy.start) else { return nil }
        let original = mappings[index]
        guard original.isExecutable, original.end >= copy.end else { return nil }
        let beginsRight = copy.start == original.start || copy.start % Self.hugePage == 0
        let endsRight = copy.end == original.end || copy.end % Self.hugePage == 0
        return original.image == program || beginsRight && endsRight ? original : nil
    }

    private static let hugePage: UInt64 = 2 << 20

    /// Gives the first mapping of an image the bounds of this one, as far as its neighbours allow.
    func extend(_ mapping: Mapping) {
        guard let index = mappings.firstIndex(where: { $0.image == mapping.image }) else { return }
        let before = index > 0 ? mappings[index - 1].end : 0
        let after = index + 1 < mappings.count ? mappings[index + 1].start : .max
        mappings[index].start = max(before, mapping.start)
        mappings[index].end = max(mappings[index].start, min(after, mapping.end))
    }

    /// Makes the next mapping, which is the new program's first, replace all old ones. Until then the process is still
    /// inside execve(2), and its user stack is the caller's.
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
