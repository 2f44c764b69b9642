internal import CLibDW
internal import CLibELF
internal import Glibc

/// The lines and inlined functions of one file's DWARF, read by elfutils' libdw in this process.
///
/// Units are looked up by address in a table of all units' ranges, built once: clang, Rust and Go do not emit
/// `.debug_aranges`. The functions of a unit are listed once, too, since libdw's own search walks all of them each
/// time.
@safe
public final class SourceLines {
    private struct CodeRange {
        var start: UInt64
        var end: UInt64
        /// Offset in `.debug_info` of the entry (DIE) of the unit or function.
        var entry: UInt64
    }

    /// The functions of a unit, and the debug information that describes them: a separate file if the compiler split it
    /// off (`.dwo`).
    @safe private struct UnitFunctions {
        var dwarf: OpaquePointer?
        var ranges: [CodeRange] = []
        var split: SplitUnit?
    }

    /// Size of the debug information in memory, unpacked, in bytes.
    package let byteCount: UInt64
    private let file: ELFFile
    private let dwarf: OpaquePointer
    private var units: [CodeRange] = []
    private var functions: [UInt64: UnitFunctions] = [:]
    private let alternate: AlternateDebugFile?
    /// Candidate paths of the split units' package, and the package itself once it has been looked for.
    private let packagePaths: [String]
    private var package: SplitPackage??
    /// The first file named by the debug information that was not found or belongs to another build; `nil` if none.
    public private(set) var missingFile: String?
    /// Units whose split part is open, most recently opened last.
    private var splitUnits: [UInt64] = []
    /// Each open one holds a descriptor and its sections in memory.
    private static let mostSplitUnits = 16

    /// The most ranges that are read; no compiler's output has as many.
    private static let mostRanges = 1 << 22
    /// The deepest nesting of inlined functions; deeper ones are left out.
    private static let mostFrames = 64
    /// Opens the debug information of a file; `nil` if it has none or exceeds the size limit.
    ///
    /// Other files that it names are opened as needed (dwz(1), `-gsplit-dwarf`). So is a dwp(1) package next to the
    /// file, or next to `program`, the path of the described program if that is another file.
    public init?(_ file: consuming ELFFile, of program: String? = nil) {
        let path = file.handle.path
        guard let size = file.debugSize(), let file = ELFFile.readableDebugInformation(of: file),
            let dwarf = unsafe dwarf_begin_elf(file.handle.elf, DWARF_C_READ, nil)
        else { return nil }
        byteCount = size
        packagePaths = [path, program == path ? nil : program].compactMap { $0.map { $0 + ".dwp" } }
        alternate = unsafe AlternateDebugFile(for: dwarf, of: file)
        unsafe self.dwarf = unsafe dwarf
        self.file = consume file
        missingFile = alternate?.missing
        readUnits()
    }

    /// Opens the debug information of a file, and reports what of the file was not read.
    package static func read(
        _ file: consuming ELFFile, of program: String
    ) -> (lines: SourceLines?, limits: [ReadingLimit]) {
        let budget = file.handle.budget
        let lines = SourceLines(file, of: program)
        return (lines, budget.limits)
    }

    deinit { unsafe dwarf_end(dwarf) }

    /// The functions around a virtual address, outermost first; empty if nothing is known about it.
    public func frames(virtualAddress address: UInt64) -> [SourceFrame] {
        var unit = unsafe Dwarf_Die()
        guard let place = Self.entry(around: address, in: units), unsafe dwarf_offdie(dwarf, place, &unit) != nil else {
            return []
        }
        let directory = unsafe Self.bytes(Self.text(&unit, DW_AT_comp_dir))
        var (path, line) = ([UInt8](), UInt32(0))
        if let found = unsafe dwarf_getsrc_die(&unit, address) {
            var number: Int32 = 0
            if unsafe dwarf_lineno(found, &number) == 0 { line = UInt32(clamping: number) }
            unsafe path = Self.path(dwarf_linesrc(found, nil, nil), in: directory)
        }
        let functions = unsafe functions(of: &unit, place, directory)
        // If the split file that lists the functions is missing, the line may belong to an inlined function.
        guard unsafe functions.dwarf != nil else { return [] }
        var frames: [SourceFrame] = []
        for (inlined, call) in unsafe inlined(around: address, &unit, functions, directory).reversed() {
            frames.append(SourceFrame(function: inlined.name, isSymbol: inlined.isSymbol, file: path, line: line))
            (path, line) = (call.path, call.line)
        }
        guard line > 0 || !frames.isEmpty else { return [] }
        frames.append(SourceFrame(function: nil, isSymbol: false, file: path, line: line))
        return frames.reversed()
    }

    // MARK: - Units and functions by address

    private func readUnits() {
        var unit: OpaquePointer?
        var next: OpaquePointer?
        var die = unsafe Dwarf_Die()
        while unsafe dwarf_get_units(dwarf, unit, &next, nil, nil, &die, nil) == 0, units.count < Self.mostRanges {
            unsafe unit = next
            unsafe Self.appendRanges(of: &die, to: &units)
        }
        Self.sort(&units)
    }

    private static func appendRanges(of die: inout Dwarf_Die, _ split: SplitUnit? = nil, to ranges: inout [CodeRange]) {
        let entry = unsafe dwarf_dieoffset(&die)
        if let split {
            unsafe split.forEachRange(of: &die) { range in
                guard range.lowerBound > 0 else { return }
                ranges.append(CodeRange(start: range.lowerBound, end: range.upperBound, entry: entry))
            }
            return
        }
        var offset = 0
        var (base, start, end) = (Dwarf_Addr(0), Dwarf_Addr(0), Dwarf_Addr(0))
        while ranges.count < mostRanges {
            unsafe offset = dwarf_ranges(&die, offset, &base, &start, &end)
            guard offset > 0 else { return }
            // Functions that the linker dropped begin at 0.
            if start > 0, start < end { ranges.append(CodeRange(start: start, end: end, entry: entry)) }
        }
    }

    private static func sort(_ ranges: inout [CodeRange]) {
        ranges.sort { ($0.start, $1.end, $0.entry) < ($1.start, $0.end, $1.entry) }
    }

    private static func entry(around address: UInt64, in ranges: [CodeRange]) -> UInt64? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address < ranges[low - 1].end else { return nil }
        return ranges[low - 1].entry
    }

    private func functions(
        of unit: inout Dwarf_Die, _ entry: UInt64, _ directory: [UInt8]
    ) -> UnitFunctions {
        if let known = functions[entry] { return known }
        var found = unsafe UnitFunctions(dwarf: dwarf)
        var type: UInt8 = 0
        if unsafe dwarf_cu_info(unit.cu, nil, &type, nil, nil, nil, nil, nil) == 0, type == UInt8(DW_UT_skeleton) {
            let name = unsafe Self.bytes(Self.text(&unit, DW_AT_dwo_name) ?? Self.text(&unit, DW_AT_GNU_dwo_name))
            if package == nil { package = .some(SplitPackage.open(packagePaths)) }
            found.split = unsafe SplitUnit.find(of: &unit, in: file, package ?? nil, directory: directory, name: name)
            if found.split == nil { missingFile = missingFile ?? String(decoding: name, as: UTF8.self) }
            unsafe found.dwarf = found.split?.dwarf
            var whole = unsafe Dwarf_Die()
            if let split = found.split, unsafe dwarf_offdie(split.dwarf, split.entry, &whole) != nil {
                unsafe Self.appendFunctions(in: &whole, split, to: &found.ranges)
                if splitUnits.count == Self.mostSplitUnits { functions[splitUnits.removeFirst()] = nil }
                splitUnits.append(entry)
            }
        } else {
            unsafe Self.appendFunctions(in: &unit, nil, to: &found.ranges)
        }
        Self.sort(&found.ranges)
        functions[entry] = found
        return found
    }

    /// Types and namespaces that functions are members of.
    private static let containers: Set<Int32> = Set(
        [DW_TAG_namespace, DW_TAG_module, DW_TAG_class_type, DW_TAG_structure_type, DW_TAG_union_type]
            .map { Int32($0) })
    private static let deepestContainer = 64

    private static func appendFunctions(in unit: inout Dwarf_Die, _ split: SplitUnit?, to ranges: inout [CodeRange]) {
        var last: UInt64 = 0
        unsafe appendFunctions(in: &unit, split, depth: 0, after: &last, to: &ranges)
    }

    /// `last` is the entry visited last. Entries must come in section order, so that none is visited twice: an entry
    /// whose sibling is its own child would otherwise double the work at each level.
    private static func appendFunctions(
        in parent: inout Dwarf_Die, _ split: SplitUnit?, depth: Int, after last: inout UInt64,
        to ranges: inout [CodeRange]
    ) {
        unsafe forEachChild(of: &parent) { die, tag in
            let entry = unsafe dwarf_dieoffset(&die)
            guard entry > last else { return false }
            last = entry
            if tag == Int32(DW_TAG_subprogram) {
                unsafe appendRanges(of: &die, split, to: &ranges)
            } else if containers.contains(tag), depth < deepestContainer {
                unsafe appendFunctions(in: &die, split, depth: depth + 1, after: &last, to: &ranges)
            }
            return ranges.count < mostRanges
        }
    }

    /// Siblings must come in section order: a link backwards would loop for ever.
    private static func forEachChild(
        of parent: inout Dwarf_Die, _ body: (inout Dwarf_Die, _ tag: Int32) -> Bool
    ) {
        var die = unsafe Dwarf_Die()
        guard unsafe dwarf_child(&parent, &die) == 0 else { return }
        while true {
            let tag = unsafe dwarf_tag(&die)
            guard unsafe body(&die, tag) else { return }
            var next = unsafe Dwarf_Die()
            guard unsafe dwarf_siblingof(&die, &next) == 0, unsafe dwarf_dieoffset(&next) > dwarf_dieoffset(&die) else {
                return
            }
            unsafe die = unsafe next
        }
    }

    // MARK: - Inlined functions

    private struct Inlined {
        var name: [UInt8]
        /// Whether `name` is a linkage name, which may be mangled.
        var isSymbol: Bool
    }

    private struct Call {
        var path: [UInt8]
        var line: UInt32
    }

    /// The functions inlined around an address, outermost first, each with the place it was called from.
    private func inlined(
        around address: UInt64, _ unit: inout Dwarf_Die, _ functions: UnitFunctions, _ directory: [UInt8]
    ) -> [(Inlined, Call)] {
        var scope = unsafe Dwarf_Die()
        guard let function = Self.entry(around: address, in: functions.ranges),
            unsafe dwarf_offdie(functions.dwarf, function, &scope) != nil
        else { return [] }
        var files: OpaquePointer?
        var fileCount = 0
        let hasFiles = unsafe dwarf_getsrcfiles(&unit, &files, &fileCount) == 0
        var found: [(Inlined, Call)] = []
        var isDeeper = true
        while isDeeper, found.count < Self.mostFrames {
            isDeeper = false
            var inner = unsafe Dwarf_Die()
            unsafe Self.forEachChild(of: &scope) { die, tag in
                let isInlined = tag == Int32(DW_TAG_inlined_subroutine)
                guard isInlined || tag == Int32(DW_TAG_lexical_block), unsafe Self.has(address, &die, functions.split)
                else {
                    return true
                }
                isDeeper = true
                unsafe inner = unsafe die
                guard isInlined else { return false }
                var call = Call(path: [], line: unsafe UInt32(clamping: Self.number(&die, DW_AT_call_line) ?? 0))
                if hasFiles, let number = unsafe Self.number(&die, DW_AT_call_file), number < UInt64(fileCount) {
                    unsafe call.path = Self.path(dwarf_filesrc(files, Int(number), nil, nil), in: directory)
                }
                found.append((unsafe Self.name(of: &die), call))
                return false
            }
            unsafe scope = unsafe inner
        }
        return found
    }

    private static func has(_ address: UInt64, _ die: inout Dwarf_Die, _ split: SplitUnit?) -> Bool {
        guard let split else { return unsafe dwarf_haspc(&die, address) > 0 }
        var isFound = false
        unsafe split.forEachRange(of: &die) { if $0.contains(address) { isFound = true } }
        return isFound
    }

    private static func name(of die: inout Dwarf_Die) -> Inlined {
        let linkage = unsafe bytes(text(&die, DW_AT_linkage_name) ?? text(&die, DW_AT_MIPS_linkage_name))
        if !linkage.isEmpty { return Inlined(name: linkage, isSymbol: true) }
        let name = unsafe bytes(dwarf_diename(&die))
        return Inlined(name: name.isEmpty ? Array("[inlined]".utf8) : name, isSymbol: false)
    }

    // MARK: - Attributes

    private static func text(_ die: inout Dwarf_Die, _ name: Int) -> UnsafePointer<CChar>? {
        var attribute = unsafe Dwarf_Attribute()
        guard unsafe dwarf_attr_integrate(&die, UInt32(name), &attribute) != nil else { return nil }
        return unsafe dwarf_formstring(&attribute)
    }

    /// Resolves a relative path against the compilation directory.
    private static func path(_ text: UnsafePointer<CChar>?, in directory: [UInt8]) -> [UInt8] {
        let path = unsafe bytes(text)
        guard !path.isEmpty, path[0] != UInt8(ascii: "/"), directory.first == UInt8(ascii: "/") else {
            return path
        }
        return directory + "/".utf8 + path
    }

    private static func number(_ die: inout Dwarf_Die, _ name: Int) -> UInt64? {
        var attribute = unsafe Dwarf_Attribute()
        var value: Dwarf_Word = 0
        guard unsafe dwarf_attr(&die, UInt32(name), &attribute) != nil,
            unsafe dwarf_formudata(&attribute, &value) == 0
        else { return nil }
        return value
    }

    /// Longer names are cut, in bytes.
    private static let longestText = 1 << 16

    private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
        guard let text = unsafe text else { return [] }
        let count = unsafe strnlen(text, longestText)
        return unsafe Array(UnsafeRawBufferPointer(start: text, count: count))
    }
}
