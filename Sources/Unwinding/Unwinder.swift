internal import ByteAccess

/// Unwinds stacks, from recorded dumps or from memory that a closure reads.
///
/// One unwinder serves all processes of a recording: rules belong to images, not to processes. A frame seen before
/// costs a lookup in the map, one in the cache, and two or three loads from the stack, without allocation or access to
/// any class instance.
public struct Unwinder {
    /// The most frames that are unwound of one stack.
    package static let mostFrames = 1024
    /// The most nested signal frames. Only they may lead to another stack, so without a limit unwinding could loop.
    private static let mostSignalFrames = 16

    let architecture: Architecture
    private let loadImage: (Int32) -> UnwindImage?
    private var images: [Int32: UnwindImage?] = [:]
    private var cache = RuleCache()
    /// Index of the mapping found last.
    var mappingHint = 0
    /// Dumps are the live part of the stack: a main thread's ends with the word above its outermost frame, the number of
    /// its arguments.
    package var takesLiveStacks = false

    /// An unwinder for one architecture's stacks. `loadImage` returns the image with a mapping's image number, or `nil`
    /// if its file is unavailable; it is called once for each number.
    public init(architecture: Architecture, loadImage: @escaping (Int32) -> UnwindImage?) {
        self.architecture = architecture
        self.loadImage = loadImage
    }

    /// Appends a stack's frames to `frames`, innermost first.
    ///
    /// `stack` is the range of the dump in `record`: the bytes from the stack pointer up, but for those of the `gap`. After
    /// the innermost frame, an address is appended only if it is executable and either follows a call or was interrupted
    /// by a signal.
    public mutating func unwind(
        _ registers: RegisterFile, stack: Range<Int>, gap: StackGap? = nil, in record: borrowing RawSpan,
        code: borrowing CodeMap, into frames: inout [UnwoundFrame]
    ) -> UnwindEnd {
        guard registers.architecture == architecture, var address = registers.instructionPointer,
            let stackPointer = registers.stackPointer
        else { return .truncated(.noRegisters) }
        var registers = registers
        let memory = StackMemory(base: stackPointer, bytes: record.clamped(stack), gap: gap)
        var isReturnAddress = false
        var signalFrames = 0
        for depth in 0..<Self.mostFrames {
            let inside = isReturnAddress ? address &- 1 : address
            guard let index = code.index(containing: inside, hint: &mappingHint) else {
                // The innermost address comes from the kernel, so it is kept even if nothing is mapped there.
                if depth == 0 { frames.append(UnwoundFrame(address: address, isReturnAddress: false)) }
                return .truncated(.unmapped)
            }
            let mapping = code.mappings[index]
            let rule = rule(at: address, isReturnAddress: isReturnAddress, in: mapping)
            if isReturnAddress, !rule.isAfterCall, !rule.isSignalFrame {
                guard rule.isGoroutineEnd else { return .truncated(.notACall) }
                frames.append(UnwoundFrame(address: address, isReturnAddress: true))
                return .outermost
            }
            frames.append(UnwoundFrame(address: address, isReturnAddress: isReturnAddress))
            let step: StepOutcome
            switch rule.kind {
            case .common:
                step = stepCommon(rule, isReturnAddress, &registers, memory, in: record, mapping: mapping, code: code)
            case .general: step = stepGeneral(isReturnAddress, &registers, memory, in: record, mapping: mapping)
            case .uncovered:
                step = stepUncovered(
                    rule, isReturnAddress, &registers, memory, in: record, mapping: mapping, code: code)
            case .outermost: return .outermost
            case .broken: return .truncated(.badUnwindInformation)
            }
            switch step {
            case .caller: isReturnAddress = true
            case .interrupted:
                isReturnAddress = false
                signalFrames &+= 1
                guard signalFrames <= Self.mostSignalFrames else { return .truncated(.tooDeep) }
            case .end(let end): return end
            }
            guard let next = registers.instructionPointer else { return .truncated(.badUnwindInformation) }
            address = next
        }
        return .truncated(.tooDeep)
    }

    @inline(__always)
    mutating func rule(at address: UInt64, isReturnAddress: Bool, in mapping: CodeMap.Mapping) -> UnwindRule {
        let key = RuleCache.key(offset: address &+ mapping.bias, isReturnAddress: isReturnAddress)
        if let known = cache.rule(key, image: mapping.image) { return known }
        return compiledRule(at: address, isReturnAddress: isReturnAddress, in: mapping, key: key)
    }

    @inline(never)
    private mutating func compiledRule(
        at address: UInt64, isReturnAddress: Bool, in mapping: CodeMap.Mapping, key: UInt64
    ) -> UnwindRule {
        var rule = UnwindRule(.uncovered)
        // Without an image there is no code to search for a call, so being executable must suffice.
        rule.isAfterCall = true
        if let image = image(mapping.image) {
            let inside = isReturnAddress ? address &- 1 : address
            if let linked = image.address(ofFileOffset: inside &+ mapping.bias) {
                rule = image.rule(at: isReturnAddress ? linked &+ 1 : linked, isReturnAddress: isReturnAddress)
            } else {
                rule.isAfterCall = false
            }
        }
        cache.insert(rule, key, image: mapping.image)
        return rule
    }

    mutating func image(_ number: Int32) -> UnwindImage? {
        guard number >= 0 else { return nil }
        if let known = images[number] { return known }
        let loaded = loadImage(number)
        images[number] = .some(loaded)
        return loaded
    }
}

/// The outcome of a step.
enum StepOutcome {
    /// The registers are the caller's, at the return address.
    case caller
    /// The registers are those that a signal interrupted.
    case interrupted
    case end(UnwindEnd)
}
