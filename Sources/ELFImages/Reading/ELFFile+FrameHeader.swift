internal import CLibELF

/// `.eh_frame_hdr` and `.eh_frame` of a file without section headers, found as the program's runtime finds them:
/// through the PT_GNU_EH_FRAME header and its pointer (Linux Standard Base 5.0, Core, section 10.6.1).
extension ELFFile {
    /// Both sections, or `nil`: the table is useless without the entries. Nothing states the length of `.eh_frame`: it
    /// ends with its terminator, or before the first entry that leaves the segment.
    func framesOfProgramHeader() -> (header: ELFUnwindSections.Section, frames: ELFUnwindSections.Section)? {
        guard let segment = layout.exceptionFrameHeader,
            let bytes = copy(at: segment.fileOffset, count: segment.fileSize)
        else { return nil }
        let header = ELFUnwindSections.Section(address: segment.virtualAddress, bytes: bytes)
        guard let address = Self.framesAddress(header), let range = layout.fileRange(fromVirtualAddress: address),
            let frames = unsafe withFileBytes(
                at: range.lowerBound, count: range.upperBound - range.lowerBound,
                { unsafe [UInt8]($0.prefix(Self.framesSize($0))) }),
            !frames.isEmpty
        else { return nil }
        return (header, ELFUnwindSections.Section(address: address, bytes: frames))
    }

    /// The address in `eh_frame_ptr`, which follows the header's four bytes. Only the DW_EH_PE_* encodings that linkers
    /// write are supported: four or eight bytes, absolute, or relative to the pointer or to the header.
    private static func framesAddress(_ header: ELFUnwindSections.Section) -> UInt64? {
        guard header.bytes.count >= 8, header.bytes[0] == 1 else { return nil }
        let encoding = header.bytes[1]
        let isSigned = encoding & 0x08 != 0
        let size: Int
        switch encoding & 0x07 {
        case 0x00, 0x04: size = 8
        case 0x03: size = 4
        default: return nil
        }
        guard header.bytes.count >= 4 + size else { return nil }
        var value = header.bytes[4..<4 + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if size == 4, isSigned { value = UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value))) }
        switch encoding & 0xF0 {
        case 0x00: return value
        case 0x10: return header.address &+ 4 &+ value
        case 0x30: return header.address &+ value
        default: return nil
        }
    }

    /// The number of bytes that hold entries. Each step covers at least a length field, so this ends.
    private static func framesSize(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while offset <= bytes.count - 4 {
            let short = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            if short == 0 { return offset + 4 }
            var start = offset + 4
            var length = UInt64(short)
            if short == .max {
                guard start <= bytes.count - 8 else { break }
                length = unsafe bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                start += 8
            }
            guard let length = Int(exactly: length), length <= bytes.count - start else { break }
            offset = start + length
        }
        return offset
    }
}
