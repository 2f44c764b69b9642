internal import CLibELF

/// An ELF file that consists of sections only, built in memory: given to libdw in place of a file that it cannot or
/// must not read.
struct SectionFile {
    struct Section {
        var name: String
        /// SHT_* and SHF_*, elf(5).
        var type = UInt32(SHT_PROGBITS)
        var flags: UInt64 = 0
        var alignment: UInt64 = 1
        /// In bytes.
        var size: Int
    }

    var is64Bit = true
    /// EM_* and ET_*.
    var machine: UInt16
    var type = UInt16(ET_DYN)
    var sections: [Section]

    /// Builds the file. `fill` writes each section's bytes into a zeroed buffer and returns false if it cannot. `path`
    /// is that of the file that the bytes come from.
    func file(path: String?, fill: (Int, UnsafeMutableRawBufferPointer) -> Bool) -> ELFFile? {
        var names: [UInt8] = [0]
        var nameOffsets: [Int] = []
        for section in sections {
            nameOffsets.append(names.count)
            names += Array(section.name.utf8) + [0]
        }
        let namesName = names.count
        names += Array(".shstrtab".utf8) + [0]
        let (headerSize, sectionSize) = is64Bit ? (64, 64) : (52, 40)
        // Sections are placed one after the other, aligned to 16 bytes.
        var place = headerSize
        var places: [Int] = []
        for size in sections.map(\.size) + [names.count, 0] {
            let (start, overflow) = place.addingReportingOverflow(15)
            guard !overflow, size >= 0 else { return nil }
            places.append(start & ~15)
            let (end, isTooMuch) = (start & ~15).addingReportingOverflow(size)
            guard !isTooMuch else { return nil }
            place = end
        }
        let table = places[sections.count + 1]
        var headers = [UInt8](repeating: 0, count: sectionSize)
        for (index, section) in sections.enumerated() {
            headers += header(
                name: nameOffsets[index], type: section.type, flags: section.flags, place: places[index],
                size: section.size, alignment: section.alignment)
        }
        headers += header(
            name: namesName, type: UInt32(SHT_STRTAB), flags: 0, place: places[sections.count], size: names.count,
            alignment: 1)
        let count = table + headers.count
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<headerSize]).copyBytes(from: fileHeader(table))
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[places[sections.count]...]).copyBytes(from: names)
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[table...]).copyBytes(from: headers)
        for (index, section) in sections.enumerated() {
            let part = unsafe UnsafeMutableRawBufferPointer(
                rebasing: memory[places[index]..<places[index] + section.size])
            guard unsafe fill(index, part) else {
                unsafe memory.deallocate()
                return nil
            }
        }
        guard let handle = try? unsafe ELFHandle(taking: memory, count: count, path: path) else { return nil }
        return try? ELFFile(handle)
    }

    private func fileHeader(_ table: Int) -> [UInt8] {
        let word = is64Bit ? 8 : 4
        let magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, is64Bit ? 2 : 1, 1, 1, 0]
        let count = UInt64(sections.count + 2)
        return magic + [UInt8](repeating: 0, count: 8)
            + Self.little([
                (UInt64(type), 2), (UInt64(machine), 2), (1, 4), (0, word), (0, word), (UInt64(table), word), (0, 4),
                (is64Bit ? 64 : 52, 2), (0, 2), (0, 2), (is64Bit ? 64 : 40, 2), (count, 2), (count - 1, 2),
            ])
    }

    private func header(
        name: Int, type: UInt32, flags: UInt64, place: Int, size: Int, alignment: UInt64
    ) -> [UInt8] {
        let word = is64Bit ? 8 : 4
        return Self.little([
            (UInt64(name), 4), (UInt64(type), 4), (flags, word), (0, word), (UInt64(place), word), (UInt64(size), word),
            (0, 4), (0, 4), (alignment, word), (0, word),
        ])
    }

    private static func little(_ values: [(value: UInt64, size: Int)]) -> [UInt8] {
        values.flatMap { value, size in (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }
    }
}
