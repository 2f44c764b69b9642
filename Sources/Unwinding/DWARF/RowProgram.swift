/// Runs call frame instructions (DWARF 5 section 6.4.2) to find the row of one address.
struct RowProgram {
    private let section: FrameSection
    private let description: FrameDescription
    private let pc: UInt64
    private var location: UInt64
    private var row: UnwindRow
    private var initialRow: UnwindRow?
    private var remembered: [UnwindRow] = []
    /// Instructions left to run. No real function has as many; a hostile one ends here.
    private var budget = 1 << 18
    private static let deepestState = 64

    /// The row at `pc`; `nil` if the instructions are invalid.
    static func row(at pc: UInt64, of description: FrameDescription, in section: FrameSection) -> UnwindRow? {
        var program = RowProgram(section: section, description: description, pc: pc)
        return program.run()
    }

    private init(section: FrameSection, description: FrameDescription, pc: UInt64) {
        self.section = section
        self.description = description
        self.pc = pc
        location = description.start
        row = UnwindRow(returnColumn: description.common.returnColumn)
        row.isSignalFrame = description.common.isSignalFrame
    }

    private mutating func run() -> UnwindRow? {
        guard run(description.common.instructions) else { return nil }
        initialRow = row
        location = description.start
        guard run(description.instructions), row.frameAddress != .unspecified else { return nil }
        return row
    }

    /// Stops early once the row of `pc` is complete; `false` if an instruction is unknown, cut off or impossible.
    private mutating func run(_ instructions: Range<Int>) -> Bool {
        var cursor = DWARFCursor(section.bytes, instructions)
        while location <= pc, let opcode = cursor.fixed(UInt8.self) {
            guard budget > 0 else { return false }
            budget &-= 1
            let operand = Int(opcode & 0x3F)
            let isDone: Bool
            switch opcode & 0xC0 {
            case 0x40: isDone = advance(UInt64(operand))
            case 0x80: isDone = setOffset(column: operand, cursor.unsigned().map(Int64.init(truncatingIfNeeded:)))
            case 0xC0: isDone = restore(operand)
            default: isDone = runExtended(opcode, &cursor)
            }
            guard isDone else { return false }
        }
        return true
    }

    private mutating func advance(_ delta: UInt64?) -> Bool {
        guard let delta else { return false }
        let (distance, overflow) = delta.multipliedReportingOverflow(by: description.common.codeAlignment)
        guard !overflow else { return false }
        let (next, wraps) = location.addingReportingOverflow(distance)
        location = wraps ? .max : next
        // A location that wraps lies beyond every address, so the current row is the last one.
        return !wraps || pc != .max
    }

    private mutating func restore(_ column: Int?) -> Bool {
        guard let column, let initialRow else { return false }
        row.set(column, initialRow.rule(column))
        return true
    }

    /// Sets a rule whose offset is multiplied by the data alignment factor.
    private mutating func setOffset(column: Int?, _ factored: Int64?, isValue: Bool = false) -> Bool {
        guard let column, let offset = scaled(factored) else { return false }
        row.set(column, isValue ? .valueOffset(offset) : .offset(offset))
        return true
    }

    private func scaled(_ factored: Int64?) -> Int64? {
        guard let (offset, overflow) = factored?.multipliedReportingOverflow(by: description.common.dataAlignment),
            !overflow
        else { return nil }
        return offset
    }

    private mutating func runExtended(_ opcode: UInt8, _ cursor: inout DWARFCursor) -> Bool {
        switch opcode {
        case 0x00: return true  // nop
        case 0x01:  // set_loc
            var bases = section.bases
            bases.function = description.start
            let encoding = description.common.encoding
            guard !encoding.isIndirect, let place = encoding.readAddress(&cursor, bases) else { return false }
            location = place
            return true
        case 0x02: return advance(cursor.fixed(UInt8.self).map(UInt64.init))
        case 0x03: return advance(cursor.fixed(UInt16.self).map(UInt64.init))
        case 0x04: return advance(cursor.fixed(UInt32.self).map(UInt64.init))
        case 0x1D: return advance(cursor.fixed(UInt64.self))  // MIPS_advance_loc8
        case 0x0A:  // remember_state
            guard remembered.count < Self.deepestState else { return false }
            remembered.append(row)
            return true
        case 0x0B:  // restore_state
            guard let state = remembered.popLast() else { return false }
            row = state
            return true
        case 0x0C...0x0F, 0x12, 0x13: return setFrameAddress(opcode, &cursor)
        case 0x2C, 0x2D:  // AARCH64_negate_ra_state_with_pc, AARCH64_negate_ra_state
            row.isReturnAddressSigned.toggle()
            return true
        case 0x2E: return cursor.unsigned() != nil  // GNU_args_size
        default: return setRegister(opcode, &cursor)
        }
    }

    private mutating func setFrameAddress(_ opcode: UInt8, _ cursor: inout DWARFCursor) -> Bool {
        switch (opcode, row.frameAddress) {
        case (0x0C, _), (0x12, _):  // def_cfa, def_cfa_sf
            guard let register = column(&cursor),
                let offset = opcode == 0x0C ? plainOffset(&cursor) : scaled(cursor.signed())
            else { return false }
            row.frameAddress = .register(register, offset: offset)
        case (0x0D, .register(_, let offset)):  // def_cfa_register
            guard let register = column(&cursor) else { return false }
            row.frameAddress = .register(register, offset: offset)
        case (0x0E, .register(let register, _)), (0x13, .register(let register, _)):  // def_cfa_offset, …_sf
            guard let offset = opcode == 0x0E ? plainOffset(&cursor) : scaled(cursor.signed()) else { return false }
            row.frameAddress = .register(register, offset: offset)
        case (0x0F, _):  // def_cfa_expression
            guard let block = cursor.block() else { return false }
            row.frameAddress = .expression(block)
        default: return false
        }
        return true
    }

    private mutating func setRegister(_ opcode: UInt8, _ cursor: inout DWARFCursor) -> Bool {
        guard [0x05, 0x06, 0x07, 0x08, 0x09, 0x10, 0x11, 0x14, 0x15, 0x16, 0x2F].contains(opcode),
            let column = column(&cursor)
        else { return false }
        switch opcode {
        case 0x05: return setOffset(column: column, cursor.unsigned().map(Int64.init(truncatingIfNeeded:)))
        case 0x06: return restore(column)
        case 0x07: row.set(column, .undefined)
        case 0x08: row.set(column, .sameValue)
        case 0x09:
            guard let other = self.column(&cursor) else { return false }
            row.set(column, .register(other))
        case 0x10, 0x16:  // expression, val_expression
            guard let block = cursor.block() else { return false }
            row.set(column, opcode == 0x10 ? .expression(block) : .valueExpression(block))
        case 0x11: return setOffset(column: column, cursor.signed())
        case 0x14: return setOffset(column: column, plainOffset(&cursor), isValue: true)
        case 0x15: return setOffset(column: column, cursor.signed(), isValue: true)
        default:  // GNU_negative_offset_extended
            guard let offset = plainOffset(&cursor) else { return false }
            return setOffset(column: column, 0 &- offset)
        }
        return true
    }

    private func column(_ cursor: inout DWARFCursor) -> Int? { cursor.unsigned().flatMap { Int(exactly: $0) } }

    private func plainOffset(_ cursor: inout DWARFCursor) -> Int64? {
        cursor.unsigned().flatMap { Int64(exactly: $0) }
    }
}
