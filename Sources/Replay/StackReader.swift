internal import ByteAccess
package import PerfRecords
package import Profiles
internal import Session
package import Symbolication
package import Unwinding

/// Turns a sample's stack into names, innermost first, in a buffer that is reused for every sample. If the sample has
/// registers and a stack dump, its user part is unwound; otherwise the kernel's callchain is used.
package struct StackReader {
    package enum Space {
        case user, kernel
        /// A hypervisor's, about which nothing is known.
        case hypervisor
    }

    private let symbolizer: Symbolizer
    private let options: StackOptions
    /// Whether callers' addresses in recorded callchains are return addresses. Unwound frames say so themselves.
    private let hasReturnAddresses: Bool
    /// Names by frame. Flat, since nested arrays would be retained and released at every frame.
    private var nameByFrame: [NameTable.ID?] = []
    /// By frame: it has no caller, so what the kernel found outside of it is leftover stack.
    private var endsStack: [Bool] = []
    /// The frames that have several names, innermost first, because perf's text includes inlined functions (`a->b`).
    private var severalNames: [UInt32: [NameTable.ID]] = [:]
    private var finder: FrameFinder
    /// The names of the stack are at the start. Emptying the array for each stack would cost more than filling it.
    private var buffer: [NameTable.ID] = []
    package private(set) var nameCount = 0
    package var names: ArraySlice<NameTable.ID> { buffer[..<nameCount] }
    /// How many of `names`, from the start, belong to the innermost frame, and whether the stack ended with it.
    package private(set) var innermostCount = 0
    package private(set) var endsInnermost = false
    /// The stack is of a thread whose comm begins with `java`, for which perf's style has names of its own.
    package var namesAreJava = false
    /// One for each of `names` if lines are requested, else empty.
    package private(set) var lines: [LineTable.ID] = []
    package private(set) var lineTable = LineTable()
    private var placeParts: [PlaceParts?] = []
    private var javaNames: [UInt32: [NameTable.ID]] = [:]
    /// How the unwinding of the last stack ended; `nil` if it was the kernel's callchain.
    package private(set) var end: UnwindEnd?
    /// The frames of the last stack that was unwound here; meaningless if `end` is `nil`.
    package private(set) var frames: [UnwoundFrame] = []
    /// How many of `names`, from the start, are kernel frames.
    package private(set) var kernelCount = 0

    /// The names of functions without a caller; true for those that are also calls that create a thread or a process.
    private var outermostNames: [NameTable.ID: Bool] = [:]
    package static let truncatedMark = "[truncated]"

    /// The names and lines of a place, innermost first. The last line is the symbol's own, which is named elsewhere.
    private struct PlaceParts {
        var inlined: [NameTable.ID]
        var lines: [LineTable.ID]
    }

    /// perf cuts a stack at this many frames when it prints (PERF_MAX_STACK_DEPTH).
    private static let perfDepth = 127

    package init(_ symbolizer: Symbolizer, _ options: StackOptions) {
        self.symbolizer = symbolizer
        finder = FrameFinder(symbolizer)
        self.options = options
        hasReturnAddresses = !symbolizer.chainsHoldCalls
    }

    /// Whether a sample has a stack to read, in one of its forms.
    package func hasStack(_ sample: Sample) -> Bool { sample.fields.contains(.callchain) || unwinds(sample) }

    func unwinds(_ sample: Sample) -> Bool { !options.isPerfStyle && symbolizer.canUnwind(sample) }

    /// Reads the callchain, or what the sample's registers and stack dump unwind to. If the CPU recorded the call
    /// stack, its branches replace the user part of the callchain.
    package mutating func read(
        _ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape,
        mode: RecordMisc.CPUMode = .unknown, into table: inout NameTable
    ) {
        begin(process: sample.pid, time: sample.time)
        let isUnwound = unwinds(sample)
        let packedEnd = options.isPacked ? Self.packedEnd(of: record) : nil
        var space = Space.user
        var depth = 0
        var isInnermost = true
        var offset = sample.callchain.lowerBound
        chain: while offset < sample.callchain.upperBound, !options.isPerfStyle || depth < Self.perfDepth {
            let address = record.load(UInt64.self, at: offset) ?? 0
            offset &+= 8
            if address >= CallchainContext.first {
                switch address {
                case CallchainContext.user, CallchainContext.userDeferred: space = .user
                case CallchainContext.kernel: space = .kernel
                case CallchainContext.hypervisor: space = .hypervisor
                default:
                    // A guest's stack, or an invalid mark: perf drops the whole chain.
                    dropNames()
                    return
                }
                if space == .user, shape.branchesAreCallStack {
                    readBranches(record, sample, mode: mode, into: &table)
                    return
                }
                if space == .user, isUnwound { break chain }
                continue
            }
            depth &+= 1
            guard options.wantsKernel || space == .user else {
                isInnermost = false
                continue
            }
            let isReturnAddress = !isInnermost && (hasReturnAddresses || (packedEnd != nil && space == .user))
            let isEnd = append(address, space, sample.pid, isReturnAddress: isReturnAddress, into: &table)
            isInnermost = false
            if isEnd, !options.isPerfStyle, packedEnd == nil { return }
        }
        end = packedEnd
        if isUnwound { unwind(record, sample, shape, into: &table) }
    }

    /// Call before the symbolizer is told of later events.
    package mutating func settle() { finder.settle() }

    /// Starts an empty stack.
    package mutating func begin(process: Int32, time: UInt64) {
        clear()
        finder.enter(process: process, time: time)
    }

    package func name(at index: Int) -> NameTable.ID { buffer[index] }

    @inline(__always)
    private mutating func push(_ name: NameTable.ID) {
        if nameCount < buffer.count { buffer[nameCount] = name } else { buffer.append(name) }
        nameCount &+= 1
    }

    private mutating func clear() {
        dropNames()
        innermostCount = 0
        endsInnermost = false
        end = nil
    }

    private mutating func dropNames() {
        nameCount = 0
        kernelCount = 0
        if !lines.isEmpty { lines.removeAll(keepingCapacity: true) }
    }

    /// What the names of a stack depend on besides its addresses and the end of its unwinding; set by `begin`.
    package var state: UInt32 { finder.state }
    package var epoch: UInt64 { finder.epoch }

    /// Whether `readCallchain` suffices for an event with neither branches nor registers.
    package var readsCallchain: Bool {
        !namesAreJava && !options.wantsLines && !options.showsInlined && options.wantsKernel
    }

    /// After `begin`: reads a callchain for which `KnownStacks` has a key. Its only marks are at its start and before
    /// its user part, and it is not too deep.
    package mutating func readCallchain(_ record: borrowing RawSpan, _ chain: Range<Int>, into table: inout NameTable) {
        end = options.isPacked ? Self.packedEnd(of: record) : nil
        var isKernel = false
        var isInnermost = true
        var offset = chain.lowerBound
        while offset < chain.upperBound {
            let address = record.load(UInt64.self, at: offset) ?? 0
            offset &+= 8
            if address >= CallchainContext.first {
                isKernel = address == CallchainContext.kernel
                continue
            }
            let isReturnAddress = !isInnermost && (hasReturnAddresses || (end != nil && !isKernel))
            let frame = finder.frame(address, isKernel: isKernel, isReturnAddress: isReturnAddress)
            let isEnd = append(frame, isKernel: isKernel, into: &table) && !options.isPerfStyle && end == nil
            if isInnermost {
                innermostCount = nameCount
                endsInnermost = isEnd
                isInnermost = false
            }
            if isEnd { return }
        }
    }

    /// After `begin`: reads the names of the innermost frame alone, if the others are known. False if the stack ends
    /// there.
    package mutating func readInnermost(
        _ address: UInt64, isKernel: Bool, of record: borrowing RawSpan, into table: inout NameTable
    ) -> Bool {
        end = options.isPacked ? Self.packedEnd(of: record) : nil
        let frame = finder.frame(address, isKernel: isKernel, isReturnAddress: false)
        let isEnd = append(frame, isKernel: isKernel, into: &table)
        return !isEnd || options.isPerfStyle || end != nil
    }

    private static func packedEnd(of record: borrowing RawSpan) -> UnwindEnd? {
        RecordHeader(decoding: record).flatMap { UnwindEnd(code: $0.misc.unwindEnd) }
    }

    /// Unwinds a sample's stack into `frames`, without names; `nil` if it cannot be unwound.
    package mutating func unwind(_ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape) -> UnwindEnd? {
        guard unwinds(sample) else { return nil }
        frames.removeAll(keepingCapacity: true)
        end = symbolizer.unwind(
            sample, registerMask: shape.registerMask, isLive: shape.hasLiveStacks, in: record, into: &frames)
        return end
    }

    private mutating func unwind(
        _ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape, into table: inout NameTable
    ) {
        _ = unwind(record, sample, shape)
        for frame in frames {
            append(frame.address, .user, sample.pid, isReturnAddress: frame.isReturnAddress, into: &table)
        }
    }

    /// The CPU's own call stack (LBR in call-stack mode): the newest call's target is the innermost frame, the sources
    /// of the calls are its callers.
    ///
    /// perf 7 looks the target up in the sample's own mode, so that it has no name below kernel frames; perf's style
    /// does the same. (Older versions look it up correctly, but read past the record if there are no calls.)
    private mutating func readBranches(
        _ record: borrowing RawSpan, _ sample: Sample, mode: RecordMisc.CPUMode, into table: inout NameTable
    ) {
        let entries = sample.branchStack.entries
        let isUnnamed = options.isPerfStyle && mode == .kernel
        if !entries.isEmpty || isUnnamed {
            let target = entries.isEmpty ? 0 : record.load(UInt64.self, at: entries.lowerBound &+ 8) ?? 0
            let kernelFrames = kernelCount
            append(target, isUnnamed ? .kernel : .user, sample.pid, isReturnAddress: false, into: &table)
            kernelCount = kernelFrames
        }
        for offset in stride(from: entries.lowerBound, to: entries.upperBound, by: 24) {
            let source = record.load(UInt64.self, at: offset) ?? 0
            append(source, .user, sample.pid, isReturnAddress: false, into: &table)
        }
    }

    /// The user stack ended in a function that must have had a caller: unwinding stopped too early.
    package var isTruncated: Bool {
        if let end { return end != .outermost }
        guard nameCount > kernelCount else { return false }
        guard let isThreadStart = outermostNames[buffer[nameCount - 1]] else { return true }
        // `clone3` alone is the creating call itself, not the start of a thread.
        return isThreadStart && nameCount == kernelCount + 1
    }

    /// Reads a sample without a callchain: its own address is the stack.
    package mutating func readAddress(_ address: UInt64, _ space: Space, process: Int32, into table: inout NameTable) {
        begin(process: process, time: 0)
        guard options.wantsKernel || space == .user else { return }
        append(address, space, process, isReturnAddress: false, into: &table)
    }

    /// Returns whether the frame is one without a caller.
    @discardableResult
    private mutating func append(
        _ address: UInt64, _ space: Space, _ process: Int32, isReturnAddress: Bool, into table: inout NameTable
    ) -> Bool {
        let looksForPlace = options.wantsLines || options.showsInlined
        let line = looksForPlace ? appendInlined(address, space, process, isReturnAddress, into: &table) : .none
        defer { if options.wantsLines { while lines.count < nameCount { lines.append(line) } } }
        let frame =
            space == .hypervisor
            ? FrameID.unknown
            : finder.frame(address, isKernel: space == .kernel, isReturnAddress: isReturnAddress)
        guard !namesAreJava else {
            let several = javaNames[frame.rawValue] ?? learn(frame, isJava: true, into: &table)
            for name in several { push(name) }
            if space == .kernel { kernelCount &+= several.count }
            return false
        }
        return append(frame, isKernel: space == .kernel, into: &table)
    }

    @inline(__always)
    private mutating func append(_ frame: FrameID, isKernel: Bool, into table: inout NameTable) -> Bool {
        let index = Int(frame.rawValue)
        if index < nameByFrame.count, let name = nameByFrame[index] {
            push(name)
            if isKernel { kernelCount &+= 1 }
            return endsStack[index]
        }
        let several = severalNames[frame.rawValue] ?? learn(frame, isJava: false, into: &table)
        for name in several { push(name) }
        if isKernel { kernelCount &+= several.count }
        return index < endsStack.count && endsStack[index]
    }

    /// Appends the functions inlined at an address; returns the line in the function that the symbols name.
    private mutating func appendInlined(
        _ address: UInt64, _ space: Space, _ process: Int32, _ isReturnAddress: Bool, into table: inout NameTable
    ) -> LineTable.ID {
        guard space == .user, !options.isPerfStyle, !namesAreJava else { return .none }
        let place = symbolizer.place(process: process, address: address, isReturnAddress: isReturnAddress)
        guard place > 0 else { return .none }
        let index = Int(place)
        while placeParts.count <= index { placeParts.append(nil) }
        let parts = placeParts[index] ?? learn(place, into: &table)
        if options.showsInlined {
            for name in parts.inlined { push(name) }
            if options.wantsLines { lines.append(contentsOf: parts.lines.dropLast()) }
        }
        return parts.lines.last ?? .none
    }

    private mutating func learn(_ place: PlaceID, into table: inout NameTable) -> PlaceParts {
        var parts = PlaceParts(inlined: [], lines: [])
        for (depth, frame) in (symbolizer[place]?.frames ?? []).enumerated().reversed() {
            if depth > 0 { parts.inlined.append(table.intern(frame.function)) }
            parts.lines.append(lineTable.intern(file: frame.file, line: frame.line))
        }
        placeParts[Int(place)] = parts
        return parts
    }

    private mutating func learn(_ frame: FrameID, isJava: Bool, into table: inout NameTable) -> [NameTable.ID] {
        let text = isJava ? symbolizer.javaName(of: frame) : symbolizer.name(of: frame)
        if OutermostFunction.names.contains(text) {
            outermostNames[table.intern(text)] = OutermostFunction.creatingCalls.contains(text)
        }
        // Outermost first in the text, innermost first in the stack.
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        let several = frame == .omitted ? [] : parts.reversed().map { table.intern(String($0)) }
        if isJava {
            javaNames[frame.rawValue] = several
        } else if several.count == 1 {
            let index = Int(frame.rawValue)
            while nameByFrame.count <= index {
                nameByFrame.append(nil)
                endsStack.append(false)
            }
            nameByFrame[index] = several[0]
            endsStack[index] = outermostNames[several[0]] == false
        } else {
            severalNames[frame.rawValue] = several
        }
        return several
    }
}
