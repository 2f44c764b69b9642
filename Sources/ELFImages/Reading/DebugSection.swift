internal import CLibELF

/// A view of a section's bytes in libelf's memory, valid while its file is open.
@safe
struct DebugSection {
    private let bytes: UnsafeRawBufferPointer

    var count: Int { unsafe bytes.count }

    /// Empty if the file has no such section. Bytes before offset `start` are left out.
    init(_ file: borrowing ELFFile, _ name: String, from start: Int = 0) {
        guard let index = file.layout.sectionIndex(named: name), let data = try? unsafe file.sectionData(at: index),
            let begin = unsafe data.pointee.d_buf
        else {
            unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let all = unsafe UnsafeRawBufferPointer(start: begin, count: data.pointee.d_size)
        unsafe bytes = unsafe UnsafeRawBufferPointer(rebasing: all.dropFirst(max(start, 0)))
    }

    /// The offset of a pointer in the section; `nil` outside it.
    func offset(of pointer: UnsafePointer<UInt8>) -> Int? {
        guard let start = unsafe bytes.baseAddress else { return nil }
        let offset = unsafe UnsafeRawPointer(pointer) - start
        return offset >= 0 && offset < count ? offset : nil
    }

    /// Copies bytes from an offset; false if there are not enough to fill the buffer.
    func copy(from start: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard start >= 0, buffer.count <= count, start <= count - buffer.count else { return false }
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + buffer.count]))
        return true
    }

    /// The text at an offset, up to its NUL or the end of the section; `nil` outside it.
    func text(at place: Int) -> [UInt8]? {
        guard place >= 0, place < count else { return nil }
        return unsafe Array(bytes[place...].prefix { $0 != 0 })
    }

    /// A little-endian number of `count` bytes.
    func load(_ place: inout Int, _ count: Int) -> UInt64? {
        guard place >= 0, count <= self.count, place <= self.count - count else { return nil }
        defer { place += count }
        return unsafe bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// An unsigned LEB128 number.
    func leb(_ place: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = load(&place, 1) else { return nil }
            value |= (byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
