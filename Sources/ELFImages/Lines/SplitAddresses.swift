internal import CLibDW
internal import CLibELF

/// Resolves the addresses of a split unit's entries. The entries, and range lists, hold indices into the program's
/// `.debug_addr` (DWARF 5, sections 7.5.5 and 7.25; the GNU extension in DWARF 4).
struct SplitAddresses {
    /// `.debug_info.dwo`, from which attribute values are read.
    private let information: DebugSection
    /// `.debug_rnglists.dwo`, or the program's `.debug_ranges` before DWARF 5.
    private let lists: DebugSection
    private let hasRangeLists: Bool
    private let listsBase: Int
    private let isWide: Bool
    /// The program's `.debug_addr`, from the unit's first address on.
    private let addresses: DebugSection
    private let size: Int
    private let lowest: UInt64

    /// The most ranges of one function.
    private static let mostRanges = 1 << 12

    init(_ skeleton: inout Dwarf_Die, _ program: borrowing ELFFile, _ file: borrowing ELFFile) {
        var bytes: UInt8 = 0
        _ = unsafe dwarf_cu_info(skeleton.cu, nil, nil, nil, nil, nil, &bytes, nil)
        size = bytes == 4 ? 4 : 8
        var low: Dwarf_Addr = 0
        lowest = unsafe dwarf_lowpc(&skeleton, &low) == 0 ? low : 0
        information = DebugSection(file, ".debug_info.dwo")
        let own = DebugSection(file, ".debug_rnglists.dwo")
        hasRangeLists = own.count > 0
        var start = 0
        isWide = own.load(&start, 4) == UInt64(UInt32.max)
        if hasRangeLists {
            lists = own
            // After the length, version, sizes and offset count.
            listsBase = isWide ? 20 : 12
        } else {
            lists = DebugSection(program, ".debug_ranges")
            listsBase = unsafe Self.number(&skeleton, DW_AT_GNU_ranges_base) ?? 0
        }
        let base = unsafe Self.number(&skeleton, DW_AT_addr_base) ?? Self.number(&skeleton, DW_AT_GNU_addr_base) ?? 0
        addresses = DebugSection(program, ".debug_addr", from: base)
    }

    /// Calls `body` with each address range of an entry.
    func forEachRange(of die: inout Dwarf_Die, _ body: (Range<UInt64>) -> Void) {
        var attribute = unsafe Dwarf_Attribute()
        if unsafe dwarf_attr(&die, UInt32(DW_AT_low_pc), &attribute) != nil, let low = unsafe address(attribute) {
            guard unsafe dwarf_attr(&die, UInt32(DW_AT_high_pc), &attribute) != nil else { return }
            var length: Dwarf_Word = 0
            let high: UInt64?
            if unsafe dwarf_formudata(&attribute, &length) == 0 {
                let (end, overflow) = low.addingReportingOverflow(length)
                high = overflow ? nil : end
            } else {
                high = unsafe address(attribute)
            }
            if let high, low < high { body(low..<high) }
            return
        }
        guard unsafe dwarf_attr(&die, UInt32(DW_AT_ranges), &attribute) != nil, let place = unsafe list(&attribute)
        else {
            return
        }
        if hasRangeLists { forEachRange(at: place, body) } else { forEachOldRange(at: place, body) }
    }

    // MARK: - Attributes

    /// The address that an attribute holds, directly or as an index.
    private func address(_ attribute: Dwarf_Attribute) -> UInt64? {
        guard var place = unsafe offset(attribute) else { return nil }
        switch unsafe Int(attribute.form) {
        case DW_FORM_addr: return information.load(&place, size)
        case DW_FORM_addrx, DW_FORM_GNU_addr_index: return information.leb(&place).flatMap(address(number:))
        case DW_FORM_addrx1: return information.load(&place, 1).flatMap(address(number:))
        case DW_FORM_addrx2: return information.load(&place, 2).flatMap(address(number:))
        case DW_FORM_addrx4: return information.load(&place, 4).flatMap(address(number:))
        default: return nil
        }
    }

    private func address(number: UInt64) -> UInt64? {
        guard let index = Int(exactly: number), index <= addresses.count / size else { return nil }
        var place = index * size
        return addresses.load(&place, size)
    }

    /// Offset in `lists` of the range list that an attribute refers to.
    private func list(_ attribute: inout Dwarf_Attribute) -> Int? {
        if unsafe Int(attribute.form) == DW_FORM_rnglistx {
            let entry = isWide ? 8 : 4
            guard hasRangeLists, var place = unsafe offset(attribute),
                let index = information.leb(&place).flatMap(Int.init(exactly:)),
                index < lists.count / entry
            else { return nil }
            var position = listsBase + index * entry
            return lists.load(&position, entry).flatMap(Int.init(exactly:)).map { listsBase &+ $0 }
        }
        guard var place = unsafe offset(attribute), unsafe Int(attribute.form) == DW_FORM_sec_offset,
            let value = information.load(&place, 4).flatMap(Int.init(exactly:))
        else { return nil }
        return hasRangeLists ? value : listsBase &+ value
    }

    /// Offset of an attribute's value in `information`.
    private func offset(_ attribute: Dwarf_Attribute) -> Int? {
        unsafe attribute.valp.flatMap { unsafe information.offset(of: $0) }
    }

    // MARK: - Lists

    private func forEachRange(at start: Int, _ body: (Range<UInt64>) -> Void) {
        var (place, base) = (start, lowest)
        func number() -> UInt64? { lists.leb(&place) }
        func indexed() -> UInt64? { number().flatMap(address(number:)) }
        func plain() -> UInt64? { lists.load(&place, size) }
        for _ in 0..<Self.mostRanges {
            guard let kind = lists.load(&place, 1) else { return }
            var (low, high): (UInt64?, UInt64?)
            switch Int(kind) {
            case DW_RLE_base_addressx:
                guard let address = indexed() else { return }
                base = address
                continue
            case DW_RLE_base_address:
                guard let address = plain() else { return }
                base = address
                continue
            case DW_RLE_startx_endx: (low, high) = (indexed(), indexed())
            case DW_RLE_startx_length:
                low = indexed()
                high = number().flatMap { length in low.map { $0 &+ length } }
            case DW_RLE_offset_pair: (low, high) = (number().map { base &+ $0 }, number().map { base &+ $0 })
            case DW_RLE_start_end: (low, high) = (plain(), plain())
            case DW_RLE_start_length:
                low = plain()
                high = number().flatMap { length in low.map { $0 &+ length } }
            default: return
            }
            guard let low, let high else { return }
            if low < high { body(low..<high) }
        }
    }

    /// Pairs of addresses; two zeros end the list, and a first address of all ones makes the second the base of the
    /// following pairs.
    private func forEachOldRange(at start: Int, _ body: (Range<UInt64>) -> Void) {
        var (place, base) = (start, lowest)
        let highest: UInt64 = size == 4 ? UInt64(UInt32.max) : .max
        for _ in 0..<Self.mostRanges {
            guard let low = lists.load(&place, size), let high = lists.load(&place, size),
                low != 0 || high != 0
            else { return }
            if low == highest {
                base = high
            } else if low < high, base <= .max - high {
                body(base + low..<base + high)
            }
        }
    }

    private static func number(_ die: inout Dwarf_Die, _ name: Int) -> Int? {
        var attribute = unsafe Dwarf_Attribute()
        var value: Dwarf_Word = 0
        guard unsafe dwarf_attr(&die, UInt32(name), &attribute) != nil,
            unsafe dwarf_formudata(&attribute, &value) == 0
        else { return nil }
        return Int(exactly: value)
    }
}
