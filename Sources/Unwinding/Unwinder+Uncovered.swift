/// Steps where there is no call frame information. A guess is accepted only if the caller's call instruction confirms
/// it.
extension Unwinder {
    /// The furthest that an address may lie above the target of the direct call into its function, in bytes.
    private static let longestReach: UInt64 = 1 << 16

    @inline(never)
    mutating func stepUncovered(
        _ rule: UnwindRule, _ isReturnAddress: Bool, _ registers: inout RegisterFile, _ memory: StackMemory,
        in record: borrowing RawSpan, mapping: CodeMap.Mapping, code: borrowing CodeMap
    ) -> StepOutcome {
        guard let stackPointer = registers.stackPointer, let address = registers.instructionPointer else {
            return .end(.truncated(.noUnwindInformation))
        }
        if !isReturnAddress, !mapping.isAnonymous {
            if let link = architecture.linkRegister {
                // A function that has made no call yet has its return address in the link register.
                if let word = registers[dwarf: link],
                    returns(to: architecture.strippedAddress(word), from: address, mapping, code, directly: false)
                {
                    return enterCaller(
                        at: word, stackPointer: stackPointer, &registers, mayStay: true, isGo: rule.isGo)
                }
            } else {
                // A function without a frame has its return address at the stack pointer: glibc's clone, for one, has
                // no call frame information at its end.
                if let word = memory.word(at: stackPointer, in: record),
                    returns(to: word, from: address, mapping, code, directly: false)
                {
                    return enterCaller(
                        at: word, stackPointer: stackPointer &+ 8, &registers, mayStay: false, isGo: rule.isGo)
                }
                if let word = heldReturnAddress(registers, place: stackPointer &- 8, mapping: mapping, code: code) {
                    return enterCaller(
                        at: word, stackPointer: stackPointer, &registers, mayStay: true, isGo: rule.isGo)
                }
            }
        }
        let step = stepFramePointer(rule, &registers, memory, in: record, mapping: mapping, code: code)
        // An innermost function may keep its return address anywhere, so no more is tried.
        guard isReturnAddress, case .end(.truncated) = step else { return step }
        if mapping.isAnonymous, let caller = stepSmallestFrame(&registers, memory, in: record, code: code) {
            return caller
        }
        return stepToProgramStart(&registers, memory, in: record, code: code) ?? step
    }

    /// `pc = *(sp + 8)`, `sp = sp + 16`: a frame that only keeps the stack aligned, as CPython's perf trampolines have
    /// (Python/asm_trampoline.S up to 3.14). Accepted only if the word follows a call in code with call frame
    /// information.
    private mutating func stepSmallestFrame(
        _ registers: inout RegisterFile, _ memory: StackMemory, in record: borrowing RawSpan,
        code: borrowing CodeMap
    ) -> StepOutcome? {
        guard architecture == .x86_64, let stackPointer = registers.stackPointer, stackPointer & 15 == 0,
            let word = memory.word(at: stackPointer &+ 8, in: record), isDescribed(word, code)
        else { return nil }
        return enterCaller(at: word, stackPointer: stackPointer &+ 16, &registers, mayStay: false, isGo: false)
    }

    /// `pc = *(fp + 8)`, `fp = *fp`, `sp = fp + 16`.
    private mutating func stepFramePointer(
        _ rule: UnwindRule, _ registers: inout RegisterFile, _ memory: StackMemory, in record: borrowing RawSpan,
        mapping: CodeMap.Mapping, code: borrowing CodeMap
    ) -> StepOutcome {
        let none = StepOutcome.end(.truncated(.noUnwindInformation))
        guard let frame = registers.framePointer, let stackPointer = registers.stackPointer else { return none }
        // The outermost frame's frame pointer is zero (x86-64 psABI 3.4.1), but so may be the register in code that
        // uses it for other values. Go never does.
        if frame == 0 { return rule.isGo ? .end(.outermost) : none }
        guard frame & 7 == 0, frame >= stackPointer else { return none }
        guard let saved = memory.word(at: frame, in: record), let word = memory.word(at: frame &+ 8, in: record) else {
            return .end(.truncated(memory.reason(at: frame &+ 8)))
        }
        let target = architecture.strippedAddress(word)
        guard saved == 0 || saved > frame || isDescribed(target, code) else { return none }
        guard target == 0 ? saved == 0 && rule.isGo : canCall(target, into: mapping, code) else {
            return none
        }
        registers.framePointer = saved
        return enterCaller(at: word, stackPointer: frame &+ 16, &registers, mayStay: false, isGo: rule.isGo)
    }

    /// Whether call frame information describes the code that a return address leads to. Such a caller need not keep a
    /// frame pointer: JIT-compiled code that a C++ program calls saves whatever value the register had.
    private mutating func isDescribed(_ target: UInt64, _ code: borrowing CodeMap) -> Bool {
        guard target > 0, let index = code.index(containing: target &- 1, hint: &mappingHint) else { return false }
        let rule = rule(at: target, isReturnAddress: true, in: code.mappings[index])
        return rule.isAfterCall && (rule.kind == .common || rule.kind == .general)
    }

    /// Whether code in `mapping` may return to `target`. It cannot if a direct call within another image precedes that:
    /// then this code keeps no frame pointer, and its real caller would be skipped.
    private mutating func canCall(
        _ target: UInt64, into mapping: CodeMap.Mapping, _ code: borrowing CodeMap
    ) -> Bool {
        guard let index = code.index(containing: target &- 1, hint: &mappingHint) else { return false }
        let other = code.mappings[index]
        guard other.image != mapping.image, let image = image(other.image),
            let linked = image.address(ofFileOffset: target &- 1 &+ other.bias)
        else { return true }
        let call = image.call(before: linked &+ 1)
        guard !mapping.isAnonymous else { return call != nil }
        guard let call, let target = call.target else { return true }
        return call.isIndirect || image.isStub(at: target)
    }

    /// x86-64: the return address of a function that moved it from the stack to a register, so that a child sharing the
    /// stack cannot overwrite it; `nil` if none is found.
    mutating func heldReturnAddress(
        _ registers: RegisterFile, place: UInt64, mapping: CodeMap.Mapping, code: borrowing CodeMap
    ) -> UInt64? {
        guard architecture == .x86_64, let stackPointer = registers.stackPointer, place == stackPointer &- 8,
            let address = registers.instructionPointer
        else { return nil }
        for number in X86_64.returnAddressHolders {
            if let held = registers[dwarf: number], returns(to: held, from: address, mapping, code, directly: true) {
                return held
            }
        }
        return nil
    }

    /// Whether the function around `address` may return to `word`: a call precedes it that leads to this function or to
    /// a stub or, unless `directly` is set, is indirect.
    private mutating func returns(
        to word: UInt64, from address: UInt64, _ mapping: CodeMap.Mapping, _ code: borrowing CodeMap, directly: Bool
    ) -> Bool {
        guard word > 0, let index = code.index(containing: word &- 1, hint: &mappingHint) else { return false }
        let caller = code.mappings[index]
        guard let callerImage = image(caller.image),
            let linked = callerImage.address(ofFileOffset: word &- 1 &+ caller.bias),
            let call = callerImage.call(before: linked &+ 1)
        else { return false }
        if call.isIndirect, !directly { return true }
        guard let target = call.target else { return false }
        if caller.image == mapping.image, let place = callerImage.address(ofFileOffset: address &+ mapping.bias),
            target <= place, place &- target < Self.longestReach,
            callerImage.functionStart(atOrBelow: place) ?? 0 <= target
        {
            return true
        }
        return callerImage.isStub(at: target)
    }
}

extension CodeMap.Mapping {
    var isAnonymous: Bool { image < 0 }
}
