/// The parts of one image that unwinding needs: bytes, and the addresses at which they are linked. The caller that
/// reads the file fills it in.
public struct UnwindSections: Sendable {
    /// A section in memory.
    public struct Section: Sendable {
        /// Linked virtual address.
        public var address: UInt64
        /// The whole section.
        public var bytes: [UInt8]

        /// The bytes of a section that is linked at `address`.
        public init(address: UInt64, bytes: [UInt8]) {
            self.address = address
            self.bytes = bytes
        }
    }

    /// An executable segment. Its bytes are read on demand, since together they would be as large as the program.
    public struct Code: Sendable {
        /// Linked virtual address of the first byte.
        public var address: UInt64
        /// In bytes.
        public var size: UInt64
        /// Returns the bytes from an offset in the segment: `count` of them, or fewer if they are not available.
        public var read: @Sendable (_ offset: UInt64, _ count: Int) -> [UInt8]

        /// A segment of `size` bytes linked at `address`, whose bytes `read` returns.
        public init(
            address: UInt64, size: UInt64, read: @escaping @Sendable (_ offset: UInt64, _ count: Int) -> [UInt8]
        ) {
            self.address = address
            self.size = size
            self.read = read
        }

        /// A segment that is entirely in memory.
        public init(address: UInt64, bytes: [UInt8]) {
            self.init(address: address, size: UInt64(bytes.count)) { offset, count in
                guard offset < UInt64(bytes.count) else { return [] }
                return Array(bytes[Int(offset)...].prefix(max(0, count)))
            }
        }
    }

    /// A PT_LOAD program header, elf(5).
    public struct Segment: Sendable {
        /// p_offset: the file offset of its first byte.
        public var fileOffset: UInt64
        /// p_vaddr: the virtual address at which it is linked.
        public var virtualAddress: UInt64
        /// p_filesz: bytes in the file.
        public var fileSize: UInt64

        /// The header of `fileSize` bytes at `fileOffset`, linked at `virtualAddress`.
        public init(fileOffset: UInt64, virtualAddress: UInt64, fileSize: UInt64) {
            self.fileOffset = fileOffset
            self.virtualAddress = virtualAddress
            self.fileSize = fileSize
        }
    }

    /// `.eh_frame` (LSB Core 10.6.1).
    public var exceptionFrames: Section?
    /// `.eh_frame_hdr` (LSB Core 10.6.2): optional, makes finding a function fast.
    public var exceptionFrameHeader: Section?
    /// `.debug_frame`, decompressed (DWARF 5 section 6.4).
    public var debugFrames: Section?
    /// `.gopclntab` of Go 1.16 or later.
    public var goFunctionTable: Section?
    /// The executable segments, in which the call before a return address is looked up.
    public var code: [Code] = []
    /// Every PT_LOAD segment, to convert file offsets to linked addresses.
    public var segments: [Segment] = []
    /// The start of `.text`: the base of DW_EH_PE_textrel.
    public var textAddress: UInt64?
    /// The global offset table: the base of DW_EH_PE_datarel.
    public var dataAddress: UInt64?

    /// No sections: frames are then unwound only by frame pointers that can be verified.
    public init() {}
}
