/// The code of an image, read a window at a time where it is asked for.
///
/// A look at an innermost frame that nothing describes happens for every stack, so windows are kept: one that is known
/// costs a comparison or a look-up, and nothing is read.
struct ImageCode {
    /// Bytes around an address, long enough for any instruction there.
    struct Window {
        var bytes: [UInt8]
        /// Linked address of the first byte.
        var start: UInt64

        func contains(_ address: UInt64) -> Bool { address &- start < UInt64(bytes.count) }

        func offset(of address: UInt64) -> Int { Int(truncatingIfNeeded: address &- start) }
    }

    private struct Place: Hashable {
        var segment: Int
        var number: UInt64
    }

    /// Sorted by address.
    private let segments: [UnwindSections.Code]
    /// Theirs, alone: searching them counts no references.
    private let extents: [(address: UInt64, size: UInt64)]
    private var windows: [Place: Window] = [:]
    /// The window that was asked for last, and the part of it that is not its neighbours'.
    private var last: (inner: UInt64, window: Window)?

    /// Windows begin at multiples of this in their segment, in bytes, and reach into their neighbours as far as an
    /// instruction can.
    private static let windowSize: UInt64 = 4096
    private static let overlap: UInt64 = 32
    private static let mostWindows = 64

    init(_ segments: [UnwindSections.Code]) {
        self.segments = segments.sorted { $0.address < $1.address }
        extents = self.segments.map { ($0.address, $0.size) }
    }

    var isEmpty: Bool { extents.isEmpty }

    /// Whether an address is one of code.
    func contains(_ address: UInt64) -> Bool { segment(around: address) != nil }

    private func segment(around address: UInt64) -> Int? {
        extents.firstIndex { address >= $0.address && address &- $0.address < $0.size }
    }

    /// The window around an address; `nil` outside the code, and where the file has no such bytes any more.
    mutating func window(around address: UInt64) -> Window? {
        if let last, address &- last.inner < Self.windowSize, last.window.contains(address) { return last.window }
        guard let index = segment(around: address) else { return nil }
        let place = Place(segment: index, number: (address &- extents[index].address) / Self.windowSize)
        let window = known(place)
        guard window.contains(address) else { return nil }
        last = (extents[index].address &+ place.number &* Self.windowSize, window)
        return window
    }

    private mutating func known(_ place: Place) -> Window {
        if let known = windows[place] { return known }
        let segment = segments[place.segment]
        let begin = place.number &* Self.windowSize
        let offset = begin &- min(begin, Self.overlap)
        let window = Window(
            bytes: segment.read(offset, Int(Self.windowSize &+ 2 &* Self.overlap)), start: segment.address &+ offset)
        if windows.count >= Self.mostWindows { windows.removeAll(keepingCapacity: true) }
        windows[place] = window
        return window
    }
}
