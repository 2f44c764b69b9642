internal import ByteAccess

/// Unwinds stacks: pieces of them that were recorded, or what a closure reads.
///
/// One serves all processes of a recording: rules belong to images, not to processes. A frame that was met before costs a
/// look-up in the map and one in the cache, and two or three loads from the stack: it allocates nothing and touches no class.
public struct Unwinder {
    /// No stack is unwound further, in frames.
    package static let mostFrames = 1024
    /// Handlers that interrupt each other. Theirs are the only frames that may lead to another stack.
    private static let mostSignalFrames = 16

    let architecture: Architecture
    private let loadImage: (Int32) -> UnwindImage?
    private var images: [Int32: UnwindImage?] = [:]
    private var cache = RuleCache()
    /// The mapping that was found last.
    var mappingHint = 0

    /// An unwinder of one architecture's stacks. `loadImage` gives the image of a mapping's number, `nil` where its file is not to
    /// be had; it is asked once for each number.
    public init(architecture: Architecture, loadImage: @escaping (Int32) -> UnwindImage?) {
        self.architecture = architecture
        self.loadImage = loadImage
    }

    /// Appends a stack's frames to `frames`, innermost first.
    ///
    /// `stack` is where `record` holds the dump: the bytes from the stack pointer up. Beyond the innermost, an address is appended only once
    /// it is known to be one: it is executable and lies behind a call, or a signal interrupted it.
    public mutating func unwind(
        _ registers: RegisterFile, stack: Range<Int>, in record: borrowing RawSpan, code: borrowing CodeMap,
        into frames: inout [UnwoundFrame]
    ) -> UnwindEnd {
        guard registers.architecture == architecture, var address = registers.instructionPointer,
            let stackPointer = registers.stackPointer
        else { return .truncated(.noRegisters) }
        var registers = registers
        let memory = StackMemory(base: stackPointer, bytes: record.clamped(stack))
        var isReturnAddress = false
        var signalFrames = 0
        for depth in 0..<Self.mostFrames {
            let inside = isReturnAddress ? address &- 1 : address
            guard let index = code.index(containing: inside, hint: &mappingHint) else {
                // The innermost address is the kernel's word, whatever is mapped there.
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
        // Nothing says what such an address lies behind: that it is executable has to do.
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

/// What a step found.
enum StepOutcome {
    /// The registers are the caller's, at the instruction behind its call.
    case caller
    /// The registers are those that a signal interrupted.
    case interrupted
    case end(UnwindEnd)
}
