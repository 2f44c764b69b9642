internal import ByteAccess

/// One image's unwind information and code: finds the row of an address, and the call that precedes it.
///
/// The `Unwinder` compiles rows into rules and caches those, so this class is not used for frames already seen.
public final class UnwindImage {
    /// The name given at creation, for messages.
    public let name: String
    let architecture: Architecture
    /// Whether the image has Go's function table.
    let isGo: Bool
    private var tables: [FrameTable] = []
    private let goFunctions: GoFunctionTable?
    private let goProblem: UnwindError?
    private var instructionProblem: UnwindError?
    private var code: ImageCode
    private let segments: [UnwindSections.Segment]
    private var rows: [UInt64: PlacedRow] = [:]
    private static let mostRows = 1024

    /// A row, and the bytes of the section that its expressions are ranges of.
    struct PlacedRow {
        var row: UnwindRow
        var bytes: [UInt8]
        var origin: Origin

        enum Origin { case frames, goFunctions, signalTrampoline }
    }

    /// An image with these sections. Reads only their headers; entries are read when an address needs them.
    public init(architecture: Architecture, sections: UnwindSections, name: String) {
        self.name = name
        self.architecture = architecture
        func bases(_ section: UnwindSections.Section) -> PointerEncoding.Bases {
            PointerEncoding.Bases(section: section.address, text: sections.textAddress, data: sections.dataAddress)
        }
        if let section = sections.exceptionFrames {
            let frames = FrameSection(kind: .exceptionFrames, bytes: section.bytes, bases: bases(section))
            tables.append(FrameTable(frames, header: sections.exceptionFrameHeader))
        }
        if let section = sections.debugFrames {
            let frames = FrameSection(kind: .debugFrames, bytes: section.bytes, bases: bases(section))
            tables.append(FrameTable(frames, header: nil))
        }
        goFunctions = sections.goFunctionTable.flatMap { GoFunctionTable($0, textAddress: sections.textAddress) }
        goProblem = sections.goFunctionTable.flatMap {
            GoFunctionTable.unknownMagic($0).map { .goFunctionTable(magic: $0) }
        }
        isGo = sections.goFunctionTable != nil
        code = ImageCode(sections.code)
        segments = sections.segments
    }

    /// A problem found in the unwind information so far; `nil` if none.
    public var problem: UnwindError? {
        for table in tables { if let problem = table.problem { return problem } }
        return instructionProblem ?? goProblem
    }

    /// The linked address of a byte of the file; `nil` outside the segments.
    func address(ofFileOffset offset: UInt64) -> UInt64? {
        for segment in segments where offset >= segment.fileOffset && offset &- segment.fileOffset < segment.fileSize {
            return offset &- segment.fileOffset &+ segment.virtualAddress
        }
        return nil
    }

    /// The rule at an address or, for a return address, at the call before it.
    func rule(at address: UInt64, isReturnAddress: Bool) -> UnwindRule {
        let inside = isReturnAddress ? address &- 1 : address
        let place = goFunctions?.place(of: inside)
        var rule: UnwindRule
        switch row(at: address, isReturnAddress: isReturnAddress) {
        case .success(let placed)?: rule = UnwindRule(placed.row, architecture: architecture)
        case .failure?: rule = UnwindRule(.broken)
        case nil: rule = UnwindRule(.uncovered)
        }
        // Go's table omits code that a C compiler produced for the same program.
        rule.isGo = place != nil
        if let place {
            // Frame pointers can be followed across a change of stacks, stack pointers cannot.
            if place.writesStackPointer, isReturnAddress { rule.kind = .uncovered }
            if place.isTopFrame { rule.kind = .outermost }
        }
        if isReturnAddress {
            rule.isAfterCall = code.isEmpty || call(before: address) != nil
            rule.isGoroutineEnd = isGo && !rule.isAfterCall && isGoroutineEnd(address)
        }
        return rule
    }

    /// Go starts a goroutine as if `runtime.goexit` had called it at the end of its first instruction, a no-op.
    private func isGoroutineEnd(_ address: UInt64) -> Bool {
        let start = address &- UInt64(architecture.instructionSize)
        if let place = goFunctions?.place(of: start) { return place.functionStart == start && place.isTopFrame }
        guard functionStart(atOrBelow: start) == start, let window = code.window(around: start) else { return false }
        return architecture.isNoOperation(at: window.offset(of: start), in: window.bytes)
    }

    /// The row that holds at an address or, for a return address, at the call before it; `nil` if there is none.
    func row(at address: UInt64, isReturnAddress: Bool) -> Result<PlacedRow, UnwindError>? {
        let key = RuleCache.key(offset: address, isReturnAddress: isReturnAddress)
        if let known = rows[key] { return .success(known) }
        let found = findRow(at: address, isReturnAddress: isReturnAddress)
        switch found {
        case .success(let placed)?:
            if rows.count >= Self.mostRows { rows.removeAll(keepingCapacity: true) }
            rows[key] = placed
        case .failure(let problem)?: instructionProblem = instructionProblem ?? problem
        case nil: break
        }
        return found
    }

    private func findRow(at address: UInt64, isReturnAddress: Bool) -> Result<PlacedRow, UnwindError>? {
        let inside = isReturnAddress ? address &- 1 : address
        // The call frame information of the signal trampoline in arm64 kernels before 5.8 skips the interrupted
        // function, so the code is checked first.
        if architecture == .arm64, let placed = trampolineRow(at: address) { return .success(placed) }
        let found = frameRow(at: inside)
        if isReturnAddress, call(before: address) == nil {
            // A signal handler returns to the first byte of the trampoline, which no call precedes.
            if case .success(let placed)? = found, placed.row.isSignalFrame { return found }
            if case .success(let placed)? = frameRow(at: address), placed.row.isSignalFrame { return .success(placed) }
        }
        if let found { return found }
        if let placed = trampolineRow(at: address) { return .success(placed) }
        if let row = goFunctions?.place(of: inside)?.row(architecture) {
            return .success(PlacedRow(row: row, bytes: [], origin: .goFunctions))
        }
        return nil
    }

    private func trampolineRow(at address: UInt64) -> PlacedRow? {
        guard let window = code.window(around: address),
            architecture.isSignalReturn(at: window.offset(of: address), in: window.bytes)
        else { return nil }
        return PlacedRow(row: architecture.signalRow, bytes: [], origin: .signalTrampoline)
    }

    private func frameRow(at address: UInt64) -> Result<PlacedRow, UnwindError>? {
        for index in tables.indices {
            guard let description = tables[index].description(containing: address) else { continue }
            let section = tables[index].section
            guard let row = RowProgram.row(at: address, of: description, in: section) else {
                return .failure(.instructions(section.kind, offset: description.offset))
            }
            return .success(PlacedRow(row: row, bytes: section.bytes, origin: .frames))
        }
        return nil
    }

    /// The start of the last function at or below an address, among those that any table lists.
    func functionStart(atOrBelow address: UInt64) -> UInt64? {
        var start = goFunctions?.functionStart(atOrBelow: address)
        for index in tables.indices {
            guard let found = tables[index].functionStart(atOrBelow: address) else { continue }
            start = max(start ?? 0, found)
        }
        return start
    }

    /// The call instruction that ends at an address; `nil` if there is none. A direct call's target counts only if it
    /// is in the code.
    func call(before address: UInt64) -> CallInstruction? {
        guard let window = code.window(around: address &- 1),
            var call = architecture.call(before: window.offset(of: address), in: window.bytes, at: window.start)
        else { return nil }
        if let target = call.target, !code.contains(target) { call.target = nil }
        return call.target != nil || call.isIndirect ? call : nil
    }

    /// Whether a PLT stub, which jumps on to another image, is at an address.
    func isStub(at address: UInt64) -> Bool {
        guard let window = code.window(around: address) else { return false }
        return architecture.isStub(at: window.offset(of: address), in: window.bytes)
    }
}
