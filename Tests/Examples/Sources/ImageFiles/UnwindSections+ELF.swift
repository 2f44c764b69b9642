import ELFImages
import Unwinding

extension UnwindSections {
    /// What unwinding needs of an ELF file.
    public init(_ file: borrowing ELFFile) {
        self.init()
        let found = file.unwindSections()
        exceptionFrames = found.exceptionFrames.map { .init(address: $0.address, bytes: $0.bytes) }
        exceptionFrameHeader = found.exceptionFrameHeader.map { .init(address: $0.address, bytes: $0.bytes) }
        debugFrames = found.debugFrames.map { .init(address: $0.address, bytes: $0.bytes) }
        goFunctionTable = found.goFunctionTable.map { .init(address: $0.address, bytes: $0.bytes) }
        code = found.code.map { code in
            .init(address: code.address, size: code.size) { code.bytes(at: $0, count: $1) }
        }
        segments = found.segments.map {
            .init(fileOffset: $0.fileOffset, virtualAddress: $0.virtualAddress, fileSize: $0.fileSize)
        }
        textAddress = found.textAddress
        dataAddress = found.dataAddress
    }
}
