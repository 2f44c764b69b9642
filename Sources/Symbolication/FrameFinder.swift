/// Finds the frames of many stacks' addresses, one after the other.
///
/// This value keeps copies of the data that every sample and every frame needs: each access to the shared `Symbolizer`
/// costs an exclusivity check. The symbolizer is used only for what is not known yet.
package struct FrameFinder {
    private let symbolizer: Symbolizer
    private let pointsIntoCalls: Bool
    private var userFrames = FrameCache()
    /// Separate because kernel frames are few: the frames of ever new programs would evict them.
    private var kernelFrames = FrameCache(bits: 15)
    /// The most recent processes, in slots chosen by pid.
    private var processes = [Process](repeating: Process(), count: placeCount)
    private var place = 0
    /// `Symbolizer.changes` at the last refresh.
    private var changes = UInt64.max
    /// The newest time of a sample, and the time from which frames may differ (`Symbolizer.nextChange`).
    private var now: UInt64 = 0
    private var nextChange: UInt64 = 0

    /// Increases whenever frames found earlier for a `state` may no longer be right.
    package private(set) var epoch: UInt64 = 0

    private struct Process {
        var number: Int32 = -1
        var changes = UInt64.max
        var state: UInt32 = 0
        var mappings: [Mapping] = []
        /// Index of the mapping that the last address was in.
        var recent = 0
    }

    private static let placeCount = 64

    package init(_ symbolizer: Symbolizer) {
        self.symbolizer = symbolizer
        pointsIntoCalls = symbolizer.style == .best
    }

    /// Identifies what the process has mapped: while neither it nor `epoch` changes, an address has the same frame.
    package var state: UInt32 { processes[place].state }

    /// Selects the process and the time that the following look-ups refer to.
    package mutating func enter(process: Int32, time: UInt64) {
        if time > now { now = time }
        if symbolizer.changes != changes || now >= nextChange { refresh() }
        place = Int(UInt32(bitPattern: process)) & (Self.placeCount - 1)
        guard processes[place].number != process || processes[place].changes != changes else { return }
        let (state, mappings) = symbolizer.maps(of: process)
        processes[place] = Process(number: process, changes: changes, state: state, mappings: mappings)
    }

    /// Advances the symbolizer to the newest sample. Call this before applying the next record to the symbolizer, since
    /// that record is later than the samples so far.
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

    /// Like `Symbolizer.frame(process:address:isKernel:isReturnAddress:)`, for the process that was entered.
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

    /// Catches up with the symbolizer: a look-up may have loaded symbols, and thereby changed it.
    private mutating func noteChanges() {
        guard symbolizer.changes != changes else { return }
        let process = processes[place].number
        refresh()
        // Loading symbols changes no process's maps.
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
