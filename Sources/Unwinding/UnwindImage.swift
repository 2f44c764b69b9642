internal import ByteAccess

/// One image's unwind information and code: answers what the row of an address is, and what call precedes it.
///
/// Rows are compiled into rules that the `Unwinder` caches, so nothing here is on the way of a warm frame.
public final class UnwindImage {
    /// As it was given, for messages.
    public let name: String
    let architecture: Architecture
    /// It has Go's function table.
    let isGo: Bool
    private var tables: [FrameTable] = []
    private let goFunctions: GoFunctionTable?
    private let goProblem: UnwindError?
    private var instructionProblem: UnwindError?
    private var code: ImageCode
    private let segments: [UnwindSections.Segment]
    private var rows: [UInt64: PlacedRow] = [:]
    private static let mostRows = 1024

    /// A row, and the section that its expressions are parts of.
    struct PlacedRow {
        var row: UnwindRow
        var bytes: [UInt8]
        var origin: Origin

        enum Origin { case frames, goFunctions, signalTrampoline }
    }

    /// An image with these sections. Reads no more than their headers: entries are read as addresses ask for them.
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

    /// What was found broken so far; the first of its kind.
    public var problem: UnwindError? {
        for table in tables { if let problem = table.problem { return problem } }
        return instructionProblem ?? goProblem
    }

    /// The linked address of a byte of the file.
    func address(ofFileOffset offset: UInt64) -> UInt64? {
        for segment in segments where offset >= segment.fileOffset && offset &- segment.fileOffset < segment.fileSize {
            return offset &- segment.fileOffset &+ segment.virtualAddress
        }
        return nil
    }

    /// The rule at an address; for a return address, of the call before it.
    func rule(at address: UInt64, isReturnAddress: Bool) -> UnwindRule {
        let inside = isReturnAddress ? address &- 1 : address
        let place = goFunctions?.place(of: inside)
        var rule: UnwindRule
        switch row(at: address, isReturnAddress: isReturnAddress) {
        case .success(let placed)?: rule = UnwindRule(placed.row, architecture: architecture)
        case .failure?: rule = UnwindRule(.broken)
        case nil: rule = UnwindRule(.uncovered)
        }
        // Its table leaves out what a C compiler made of a program's other half.
        rule.isGo = place != nil
        if let place {
            // Frame pointers lead across a change of stacks, stack pointers do not.
            if place.writesStackPointer, isReturnAddress { rule.kind = .uncovered }
            if place.isTopFrame { rule.kind = .outermost }
        }
        if isReturnAddress {
            rule.isAfterCall = code.isEmpty || call(before: address) != nil
            rule.isGoroutineEnd = isGo && !rule.isAfterCall && isGoroutineEnd(address)
        }
        return rule
    }

    /// Go starts a goroutine as if `runtime.goexit` had called it from behind its first instruction, which is a no-op.
    private func isGoroutineEnd(_ address: UInt64) -> Bool {
        let start = address &- UInt64(architecture.instructionSize)
        if let place = goFunctions?.place(of: start) { return place.functionStart == start && place.isTopFrame }
        guard functionStart(atOrBelow: start) == start, let window = code.window(around: start) else { return false }
        return architecture.isNoOperation(at: window.offset(of: start), in: window.bytes)
    }

    /// The row that holds at an address, or for a return address at the call before it; `nil` where none does.
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
        // What arm64 kernels before 5.8 say of their trampoline leaves the interrupted function out.
        if architecture == .arm64, let placed = trampolineRow(at: address) { return .success(placed) }
        let found = frameRow(at: inside)
        if isReturnAddress, call(before: address) == nil {
            // A handler returns to the first byte of the trampoline, and nothing calls it.
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

    /// The start of the last function at or below an address, as far as any table knows functions.
    func functionStart(atOrBelow address: UInt64) -> UInt64? {
        var start = goFunctions?.functionStart(atOrBelow: address)
        for index in tables.indices {
            guard let found = tables[index].functionStart(atOrBelow: address) else { continue }
            start = max(start ?? 0, found)
        }
        return start
    }

    /// The call instruction that ends at an address; a direct one only where it leads to code.
    func call(before address: UInt64) -> CallInstruction? {
        guard let window = code.window(around: address &- 1),
            var call = architecture.call(before: window.offset(of: address), in: window.bytes, at: window.start)
        else { return nil }
        if let target = call.target, !code.contains(target) { call.target = nil }
        return call.target != nil || call.isIndirect ? call : nil
    }

    /// Whether an address is that of a stub which jumps on to another image.
    func isStub(at address: UInt64) -> Bool {
        guard let window = code.window(around: address) else { return false }
        return architecture.isStub(at: window.offset(of: address), in: window.bytes)
    }
}
