/// What unwinding needs of one image: bytes and the addresses that they are linked at. Whoever reads the file fills it.
public struct UnwindSections: Sendable {
    /// A section in memory.
    public struct Section: Sendable {
        /// Linked virtual address.
        public var address: UInt64
        /// All of it.
        public var bytes: [UInt8]

        /// The bytes of a section that is linked at `address`.
        public init(address: UInt64, bytes: [UInt8]) {
            self.address = address
            self.bytes = bytes
        }
    }

    /// An executable segment. Its bytes are read where they are looked at: all of them would be as large as the program.
    public struct Code: Sendable {
        /// Linked virtual address of the first byte.
        public var address: UInt64
        /// In bytes.
        public var size: UInt64
        /// Gives the bytes from an offset in the segment up: as many as asked for, or fewer where they cannot be had.
        public var read: @Sendable (_ offset: UInt64, _ count: Int) -> [UInt8]

        /// A segment of `size` bytes that is linked at `address`, whose bytes `read` gives.
        public init(
            address: UInt64, size: UInt64, read: @escaping @Sendable (_ offset: UInt64, _ count: Int) -> [UInt8]
        ) {
            self.address = address
            self.size = size
            self.read = read
        }

        /// Code that is in memory as a whole.
        public init(address: UInt64, bytes: [UInt8]) {
            self.init(address: address, size: UInt64(bytes.count)) { offset, count in
                guard offset < UInt64(bytes.count) else { return [] }
                return Array(bytes[Int(offset)...].prefix(max(0, count)))
            }
        }
    }

    /// A PT_LOAD program header, elf(5).
    public struct Segment: Sendable {
        /// p_offset: where its bytes begin in the file.
        public var fileOffset: UInt64
        /// p_vaddr: the address that they are linked at.
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
    /// `.eh_frame_hdr` (LSB Core 10.6.2): makes looking functions up fast, and is not needed.
    public var exceptionFrameHeader: Section?
    /// `.debug_frame`, decompressed (DWARF 5 section 6.4).
    public var debugFrames: Section?
    /// `.gopclntab` of Go 1.16 to 1.26.
    public var goFunctionTable: Section?
    /// The executable segments: what a return address must lie behind is looked up in them.
    public var code: [Code] = []
    /// Every PT_LOAD segment: by them an offset in the file becomes a linked address.
    public var segments: [Segment] = []
    /// The start of `.text`: the base of DW_EH_PE_textrel.
    public var textAddress: UInt64?
    /// The global offset table: the base of DW_EH_PE_datarel.
    public var dataAddress: UInt64?

    /// Nothing: frames are then unwound by frame pointers alone, and only where those prove themselves.
    public init() {}
}
