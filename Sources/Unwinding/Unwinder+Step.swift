extension Unwinder {
    /// `cfa = *(register) + offset`, `pc = *(cfa + 8x)`, each saved register `= *(cfa + 8y)`.
    @inline(__always)
    mutating func stepCommon(
        _ rule: UnwindRule, _ isReturnAddress: Bool, _ registers: inout RegisterFile, _ memory: StackMemory,
        in record: borrowing RawSpan, mapping: CodeMap.Mapping, code: borrowing CodeMap
    ) -> StepOutcome {
        guard let base = registers[dwarf: Int(rule.frameRegister)] else {
            return .end(.truncated(.badUnwindInformation))
        }
        let frameAddress = base &+ UInt64(bitPattern: Int64(rule.frameOffset))
        let target: UInt64
        if rule.returnRegister == UnwindRule.inMemory {
            let place = frameAddress &+ UInt64(bitPattern: Int64(rule.returnOffset) &* 8)
            if let word = memory.word(at: place, in: record) {
                target = word
            } else if !isReturnAddress,
                let held = heldReturnAddress(registers, place: place, mapping: mapping, code: code)
            {
                target = held
            } else {
                return .end(.truncated(memory.reason(at: place)))
            }
        } else {
            guard let value = registers[dwarf: Int(rule.returnRegister)] else {
                return .end(.truncated(.badUnwindInformation))
            }
            guard !isReturnAddress || canHold(value, registers, memory) else {
                return .end(.truncated(.badUnwindInformation))
            }
            target = value
        }
        var rest = rule.savedMask
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            guard index < architecture.calleeSavedCount else { break }
            let place = frameAddress &+ UInt64(bitPattern: Int64(rule.savedOffsets[index]) &* 8)
            registers[dwarf: architecture.calleeSaved(index)] = memory.word(at: place, in: record)
        }
        return enterCaller(
            at: target, stackPointer: frameAddress, &registers, mayStay: !isReturnAddress, isGo: rule.isGo)
    }

    /// Whether a function that has made a call may still have its return address in a register. The address must differ
    /// from the current one and the stack pointer be in the dump: frames that read nothing from the dump could
    /// otherwise go on for ever.
    @inline(never)
    private func canHold(_ value: UInt64, _ registers: RegisterFile, _ memory: StackMemory) -> Bool {
        let address = architecture.strippedAddress(value)
        return address != registers.instructionPointer && memory.contains(registers.stackPointer ?? 0)
    }

    /// Makes the registers those of the caller, if it is plausible.
    @inline(__always)
    func enterCaller(
        at target: UInt64, stackPointer: UInt64, _ registers: inout RegisterFile, mayStay: Bool, isGo: Bool
    ) -> StepOutcome {
        let old = registers.stackPointer ?? 0
        // Only the innermost function may have put nothing on the stack. Frames that rise cannot loop.
        guard stackPointer > old || (mayStay && stackPointer == old), stackPointer & 7 == 0 else {
            return .end(.truncated(.badMemory))
        }
        let address = architecture.strippedAddress(target)
        registers.forgetCallerSaved()
        if address == 0 {
            // A new stack has a zero in place of the outermost return address.
            return .end(isGo || registers.framePointer == 0 ? .outermost : .truncated(.unmapped))
        }
        registers.stackPointer = stackPointer
        registers.instructionPointer = address
        return .caller
    }

    /// Steps by any row that call frame information can describe.
    @inline(never)
    mutating func stepGeneral(
        _ isReturnAddress: Bool, _ registers: inout RegisterFile, _ memory: StackMemory,
        in record: borrowing RawSpan, mapping: CodeMap.Mapping
    ) -> StepOutcome {
        let bad = StepOutcome.end(.truncated(.badUnwindInformation))
        guard let address = registers.instructionPointer, let image = image(mapping.image),
            let linked = image.address(ofFileOffset: (isReturnAddress ? address &- 1 : address) &+ mapping.bias),
            case .success(let placed)? = image.row(
                at: isReturnAddress ? linked &+ 1 : linked, isReturnAddress: isReturnAddress)
        else { return bad }
        let row = placed.row
        let frameAddress: UInt64
        switch row.frameAddress {
        case .unspecified: return bad
        case .register(let register, let offset):
            guard let base = registers[dwarf: register] else { return bad }
            frameAddress = base &+ UInt64(bitPattern: offset)
        case .expression(let range):
            guard
                let value = DWARFExpression.value(
                    of: placed.bytes, range, initial: nil, registers: registers, memory: memory, in: record)
            else { return bad }
            frameAddress = value
        }
        var caller = RegisterFile(architecture)
        for column in 0..<architecture.registerCount {
            caller[dwarf: column] = value(
                of: row.rule(column), column: column, placed, frameAddress: frameAddress, registers: registers,
                memory: memory, in: record)
        }
        let isLinkRegister = row.returnColumn == architecture.linkRegister
        guard let target = caller[dwarf: row.returnColumn] ?? (isLinkRegister ? registers[dwarf: 30] : nil) else {
            if case .undefined = row.rule(row.returnColumn) { return .end(.outermost) }
            if case .offset(let offset) = row.rule(row.returnColumn) {
                return .end(.truncated(memory.reason(at: frameAddress &+ UInt64(bitPattern: offset))))
            }
            return bad
        }
        if isReturnAddress, !row.isSignalFrame {
            switch row.rule(row.returnColumn) {
            case .offset, .expression: break
            default: guard canHold(target, registers, memory) else { return bad }
            }
        }
        let stackPointer: UInt64
        switch row.rule(architecture.stackPointer) {
        case .unspecified, .undefined: stackPointer = frameAddress
        default:
            guard let value = caller[dwarf: architecture.stackPointer] else { return bad }
            stackPointer = value
        }
        if row.isSignalFrame {
            return interrupt(at: target, stackPointer: stackPointer, caller, &registers, memory)
        }
        let old = registers
        registers = caller
        registers.stackPointer = old.stackPointer
        // Registers with a value in `caller`, callee-saved by the ABI or not, stay known; all others are unknown.
        let restored = caller
        let outcome = enterCaller(
            at: target, stackPointer: stackPointer, &registers, mayStay: !isReturnAddress, isGo: image.isGo)
        for column in 0..<architecture.registerCount
        where column != architecture.stackPointer && column != architecture.instructionPointer {
            registers[dwarf: column] = restored[dwarf: column]
        }
        return outcome
    }

    /// Restores the registers that a signal interrupted, at an instruction rather than a return address. The stack may
    /// be a different one; on the same stack, frames must rise.
    private func interrupt(
        at target: UInt64, stackPointer: UInt64, _ interrupted: RegisterFile, _ registers: inout RegisterFile,
        _ memory: StackMemory
    ) -> StepOutcome {
        guard stackPointer > registers.stackPointer ?? 0 || !memory.contains(stackPointer) else {
            return .end(.truncated(.badMemory))
        }
        registers = interrupted
        registers.stackPointer = stackPointer
        registers.instructionPointer = target
        return target == 0 ? .end(.truncated(.unmapped)) : .interrupted
    }

    private func value(
        of rule: RegisterRule, column: Int, _ placed: UnwindImage.PlacedRow, frameAddress: UInt64,
        registers: RegisterFile, memory: StackMemory, in record: borrowing RawSpan
    ) -> UInt64? {
        switch rule {
        case .unspecified:
            let isKept = architecture.calleeSavedMask & (1 << UInt64(column)) != 0
            return isKept ? registers[dwarf: column] : nil
        case .undefined: return nil
        case .sameValue: return registers[dwarf: column]
        case .offset(let offset): return memory.word(at: frameAddress &+ UInt64(bitPattern: offset), in: record)
        case .valueOffset(let offset): return frameAddress &+ UInt64(bitPattern: offset)
        case .register(let other): return registers[dwarf: other]
        case .expression(let range), .valueExpression(let range):
            let value = DWARFExpression.value(
                of: placed.bytes, range, initial: frameAddress, registers: registers, memory: memory, in: record)
            if case .valueExpression = rule { return value }
            return value.flatMap { memory.word(at: $0, in: record) }
        }
    }
}
