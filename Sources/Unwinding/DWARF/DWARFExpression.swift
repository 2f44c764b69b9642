/// Evaluates the DWARF expressions of call frame information (DWARF 5 sections 2.5 and 6.4.2): arithmetic on registers
/// and on memory in the stack dump.
struct DWARFExpression {
    private static let depth = 32
    /// Limits loops, since branches may go back; real frame expressions take fewer steps.
    private static let mostSteps = 1000

    private var stack = InlineArray<32, UInt64>(repeating: 0)
    private var count = 0
    private let registers: RegisterFile
    private let memory: StackMemory

    /// The value of the expression; `nil` if it cannot be evaluated. `initial` is pushed on the stack first.
    static func value(
        of bytes: [UInt8], _ range: Range<Int>, initial: UInt64?, registers: RegisterFile, memory: StackMemory,
        in record: borrowing RawSpan
    ) -> UInt64? {
        var expression = DWARFExpression(registers: registers, memory: memory)
        if let initial { _ = expression.push(initial) }
        var cursor = DWARFCursor(bytes, range)
        var steps = 0
        while let operation = cursor.fixed(UInt8.self) {
            steps &+= 1
            guard steps <= mostSteps, expression.run(operation, &cursor, in: record) else { return nil }
        }
        return expression.pop()
    }

    private init(registers: RegisterFile, memory: StackMemory) {
        self.registers = registers
        self.memory = memory
    }

    private mutating func push(_ value: UInt64?) -> Bool {
        guard let value, count < Self.depth else { return false }
        stack[count] = value
        count &+= 1
        return true
    }

    private mutating func pop() -> UInt64? {
        guard count > 0 else { return nil }
        count &-= 1
        return stack[count]
    }

    /// The entry `index` below the top.
    private func pick(_ index: Int) -> UInt64? { index >= 0 && index < count ? stack[count &- 1 &- index] : nil }

    private mutating func run(_ operation: UInt8, _ cursor: inout DWARFCursor, in record: borrowing RawSpan) -> Bool {
        switch operation {
        case 0x03, 0x0E, 0x0F: return push(cursor.fixed(UInt64.self))  // addr, const8u, const8s
        case 0x08: return push(cursor.fixed(UInt8.self).map(UInt64.init))
        case 0x09: return push(cursor.fixed(Int8.self).map { UInt64(bitPattern: Int64($0)) })
        case 0x0A: return push(cursor.fixed(UInt16.self).map(UInt64.init))
        case 0x0B: return push(cursor.fixed(Int16.self).map { UInt64(bitPattern: Int64($0)) })
        case 0x0C: return push(cursor.fixed(UInt32.self).map(UInt64.init))
        case 0x0D: return push(cursor.fixed(Int32.self).map { UInt64(bitPattern: Int64($0)) })
        case 0x10: return push(cursor.unsigned())
        case 0x11: return push(cursor.signed().map(UInt64.init(bitPattern:)))
        case 0x30...0x4F: return push(UInt64(operation &- 0x30))  // lit
        case 0x70...0x8F: return pushRegister(UInt64(operation &- 0x70), &cursor)  // breg
        case 0x92: return pushRegister(cursor.unsigned(), &cursor)  // bregx
        case 0x06: return dereference(size: 8, in: record)
        case 0x94: return dereference(size: cursor.fixed(UInt8.self), in: record)
        case 0x12: return push(pick(0))  // dup
        case 0x13: return pop() != nil  // drop
        case 0x14: return push(pick(1))  // over
        case 0x15: return push(cursor.fixed(UInt8.self).flatMap { pick(Int($0)) })
        case 0x16:  // swap
            guard let top = pop(), let below = pop() else { return false }
            return push(top) && push(below)
        case 0x17:  // rot
            guard let first = pop(), let second = pop(), let third = pop() else { return false }
            return push(first) && push(third) && push(second)
        case 0x19:  // abs, of a signed number
            return unary { UInt64(Int64(bitPattern: $0).magnitude) }
        case 0x1F: return unary { 0 &- $0 }
        case 0x20: return unary { ~$0 }
        case 0x23:  // plus_uconst
            guard let addend = cursor.unsigned() else { return false }
            return unary { $0 &+ addend }
        case 0x28:  // bra
            guard let distance = cursor.fixed(Int16.self), let condition = pop() else { return false }
            return condition == 0 || cursor.move(by: Int(distance))
        case 0x2F:  // skip
            guard let distance = cursor.fixed(Int16.self) else { return false }
            return cursor.move(by: Int(distance))
        case 0x96: return true  // nop
        default: return binary(operation)
        }
    }

    private mutating func pushRegister(_ number: UInt64?, _ cursor: inout DWARFCursor) -> Bool {
        guard let offset = cursor.signed(), let number = number.flatMap({ Int(exactly: $0) }) else { return false }
        return push(registers[dwarf: number].map { $0 &+ UInt64(bitPattern: offset) })
    }

    private mutating func dereference(size: UInt8?, in record: borrowing RawSpan) -> Bool {
        guard let address = pop() else { return false }
        switch size {
        case 1: return push(memory.load(UInt8.self, at: address, in: record).map(UInt64.init))
        case 2: return push(memory.load(UInt16.self, at: address, in: record).map(UInt64.init))
        case 4: return push(memory.load(UInt32.self, at: address, in: record).map(UInt64.init))
        case 8: return push(memory.word(at: address, in: record))
        default: return false
        }
    }

    private mutating func unary(_ operation: (UInt64) -> UInt64) -> Bool {
        guard let value = pop() else { return false }
        return push(operation(value))
    }

    /// Runs an operation on the two topmost entries; false for division by zero and for unknown operations, which ends
    /// evaluation.
    private mutating func binary(_ operation: UInt8) -> Bool {
        guard let right = pop(), let left = pop() else { return false }
        let (signedLeft, signedRight) = (Int64(bitPattern: left), Int64(bitPattern: right))
        switch operation {
        case 0x1A: return push(left & right)
        case 0x1B:  // div, signed
            guard right != 0 else { return false }
            return push(UInt64(bitPattern: signedLeft.dividedReportingOverflow(by: signedRight).partialValue))
        case 0x1C: return push(left &- right)
        case 0x1D:  // mod, unsigned
            guard right != 0 else { return false }
            return push(left % right)
        case 0x1E: return push(left &* right)
        case 0x21: return push(left | right)
        case 0x22: return push(left &+ right)
        case 0x24: return push(left << right)
        case 0x25: return push(left >> right)
        case 0x26: return push(UInt64(bitPattern: signedLeft >> min(right, 63)))
        case 0x27: return push(left ^ right)
        case 0x29: return push(left == right ? 1 : 0)
        case 0x2A: return push(signedLeft >= signedRight ? 1 : 0)
        case 0x2B: return push(signedLeft > signedRight ? 1 : 0)
        case 0x2C: return push(signedLeft <= signedRight ? 1 : 0)
        case 0x2D: return push(signedLeft < signedRight ? 1 : 0)
        case 0x2E: return push(left != right ? 1 : 0)
        default: return false
        }
    }
}
