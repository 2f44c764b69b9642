/// Finds the frames of many stacks' addresses, one after the other.
///
/// What is asked for every sample and every frame is held here, in a value, as a copy: a symbolizer is shared, and each look into
/// it costs the check that nobody else is changing it just then. It is asked when something is not known yet.
package struct FrameFinder {
    private let symbolizer: Symbolizer
    private let pointsIntoCalls: Bool
    private var userFrames = FrameCache()
    /// Apart, since they are few: ever new programs' frames would push them out.
    private var kernelFrames = FrameCache(bits: 15)
    /// The processes asked about last, in places that their numbers choose.
    private var processes = [Process](repeating: Process(), count: placeCount)
    private var place = 0
    /// `Symbolizer.changes` when it was looked at last.
    private var changes = UInt64.max
    /// The newest time of a sample, and from when on frames may be others.
    private var now: UInt64 = 0
    private var nextChange: UInt64 = 0

    /// Goes up whenever what frames were found for a state may be others from now on.
    package private(set) var epoch: UInt64 = 0

    private struct Process {
        var number: Int32 = -1
        var changes = UInt64.max
        var state: UInt32 = 0
        var mappings: [Mapping] = []
        /// Where the last address was.
        var recent = 0
    }

    private static let placeCount = 64

    package init(_ symbolizer: Symbolizer) {
        self.symbolizer = symbolizer
        pointsIntoCalls = symbolizer.style == .best
    }

    /// Stands for what the process has mapped: as long as neither it nor `epoch` changes, an address has the same frame.
    package var state: UInt32 { processes[place].state }

    /// What is asked for next is of this process at this time.
    package mutating func enter(process: Int32, time: UInt64) {
        if time > now { now = time }
        if symbolizer.changes != changes || now >= nextChange { refresh() }
        place = Int(UInt32(bitPattern: process)) & (Self.placeCount - 1)
        guard processes[place].number != process || processes[place].changes != changes else { return }
        let (state, mappings) = symbolizer.maps(of: process)
        processes[place] = Process(number: process, changes: changes, state: state, mappings: mappings)
    }

    /// To be called before the symbolizer is told of what happens next, which is later than the samples up to here.
    package func settle() { symbolizer.advance(to: now) }

    private mutating func refresh() {
        symbolizer.advance(to: now)
        changes = symbolizer.changes
        nextChange = symbolizer.nextChange
        guard epoch != symbolizer.epoch else { return }
        epoch = symbolizer.epoch
        userFrames.clear()
        kernelFrames.clear()
    }

    /// As `Symbolizer.frame(process:address:isKernel:isReturnAddress:)`, for the process that was entered.
    package mutating func frame(_ address: UInt64, isKernel: Bool, isReturnAddress: Bool) -> FrameID {
        let address = isReturnAddress && pointsIntoCalls ? address &- 1 : address
        guard !isKernel else { return kernelFrame(address) }
        guard let mapping = mapping(containing: address) else { return .unknown }
        let image = UInt32(truncatingIfNeeded: mapping.image)
        let offset = address &+ mapping.bias
        if let frame = userFrames.frame(image: image, offset: offset) { return FrameID(rawValue: frame) }
        symbolizer.advance(to: now)
        let frame = symbolizer.frame(image: mapping.image, offset: offset)
        noteChanges()
        userFrames.insert(frame.rawValue, image: image, offset: offset)
        return frame
    }

    private mutating func kernelFrame(_ address: UInt64) -> FrameID {
        if let frame = kernelFrames.frame(image: FrameCache.kernel, offset: address) { return FrameID(rawValue: frame) }
        symbolizer.advance(to: now)
        let frame = symbolizer.kernelFrame(address)
        noteChanges()
        kernelFrames.insert(frame.rawValue, image: FrameCache.kernel, offset: address)
        return frame
    }

    /// Looking something up may have read what names it, and so have brought a change.
    private mutating func noteChanges() {
        guard symbolizer.changes != changes else { return }
        let process = processes[place].number
        refresh()
        // No maps of a process are others by that.
        if processes[place].number == process { processes[place].changes = changes }
    }

    private mutating func mapping(containing address: UInt64) -> Mapping? {
        let recent = processes[place].recent
        if recent < processes[place].mappings.count {
            let mapping = processes[place].mappings[recent]
            if address >= mapping.start, address < mapping.end { return mapping }
        }
        guard let index = processes[place].mappings.index(containing: address) else { return nil }
        processes[place].recent = index
        return processes[place].mappings[index]
    }
}
