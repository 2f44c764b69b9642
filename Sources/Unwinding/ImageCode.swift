/// The code of an image, read in windows on demand.
///
/// Every stack may look at code around an innermost frame that nothing describes, so windows are kept: a look at a
/// known one costs a comparison or a lookup, without any reading.
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
    /// The segments' extents, kept apart so that searching them counts no references.
    private let extents: [(address: UInt64, size: UInt64)]
    private var windows: [Place: Window] = [:]
    /// The last window used, and the start of its own part, without the overlap with its neighbours.
    private var last: (inner: UInt64, window: Window)?

    /// Windows begin at multiples of `windowSize` in their segment and reach `overlap` bytes into each neighbour, as
    /// far as an instruction can. Both in bytes.
    private static let windowSize: UInt64 = 4096
    private static let overlap: UInt64 = 32
    private static let mostWindows = 64

    init(_ segments: [UnwindSections.Code]) {
        self.segments = segments.sorted { $0.address < $1.address }
        extents = self.segments.map { ($0.address, $0.size) }
    }

    var isEmpty: Bool { extents.isEmpty }

    /// Whether an address is in the code.
    func contains(_ address: UInt64) -> Bool { segment(around: address) != nil }

    private func segment(around address: UInt64) -> Int? {
        extents.firstIndex { address >= $0.address && address &- $0.address < $0.size }
    }

    /// The window around an address; `nil` outside the code, or if the file no longer has the bytes.
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
