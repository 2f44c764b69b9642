/// What unwinding needs of one image: bytes and the addresses that they are linked at. Whoever reads the file fills it.
public struct UnwindSections: Sendable {
    public struct Section: Sendable {
        /// Linked virtual address.
        public var address: UInt64
        public var bytes: [UInt8]

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

    /// A PT_LOAD program header.
    public struct Segment: Sendable {
        public var fileOffset: UInt64
        public var virtualAddress: UInt64
        public var fileSize: UInt64

        public init(fileOffset: UInt64, virtualAddress: UInt64, fileSize: UInt64) {
            self.fileOffset = fileOffset
            self.virtualAddress = virtualAddress
            self.fileSize = fileSize
        }
    }

    /// `.eh_frame`.
    public var exceptionFrames: Section?
    /// `.eh_frame_hdr`.
    public var exceptionFrameHeader: Section?
    /// `.debug_frame`, decompressed.
    public var debugFrames: Section?
    /// `.gopclntab`.
    public var goFunctionTable: Section?
    /// The executable segments: what a return address must lie behind is looked up in them.
    public var code: [Code] = []
    public var segments: [Segment] = []
    /// The start of `.text`: the base of DW_EH_PE_textrel.
    public var textAddress: UInt64?
    /// The global offset table: the base of DW_EH_PE_datarel.
    public var dataAddress: UInt64?

    public init() {}
}
