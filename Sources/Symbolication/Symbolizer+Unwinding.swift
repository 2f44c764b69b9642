internal import ByteAccess
internal import ELFImages
package import PerfRecords
package import Unwinding

extension Symbolizer {
    /// Whether a sample can be unwound: it has 64-bit registers and a piece of the stack.
    package func canUnwind(_ sample: Sample) -> Bool {
        architecture != nil && sample.registersUser.abi == 2 && sample.stackUser.usedSize > 0
    }

    /// Unwinds the user stack of a sample, using its process's current mappings.
    ///
    /// - Parameters:
    ///   - registerMask: the event's `sample_regs_user`.
    ///   - isLive: whether the dump ends where the stack does, unless it is as large as it may be.
    ///   - frames: receives the addresses, innermost first, after what it already holds.
    package func unwind(
        _ sample: Sample, registerMask: UInt64, isLive: Bool = false, in record: borrowing RawSpan,
        into frames: inout [UnwoundFrame]
    ) -> UnwindEnd {
        guard let architecture,
            let registers = RegisterFile(
                architecture, perfMask: registerMask, values: sample.registersUser.values, in: record)
        else { return .truncated(.noRegisters) }
        guard let space = space(of: sample.pid) else { return .truncated(.unmapped) }
        let dump = sample.stackUser.bytes
        let used = dump.lowerBound..<dump.lowerBound &+ min(dump.count, sample.stackUser.usedSize)
        if unwinder == nil {
            unwinder = Unwinder(architecture: architecture) { [unowned self] in unwindImage($0, architecture) }
        }
        unwinder?.takesLiveStacks = isLive
        let code = space.codeMap(images)
        guard let pointer = registers.stackPointer,
            let rest = stackRest.bytes(of: sample.tid, at: sample.time, above: used.count, from: pointer)
        else {
            return unwinder?.unwind(registers, stack: used, in: record, code: code, into: &frames)
                ?? .truncated(.noRegisters)
        }
        var whole = record.bytes(in: 0..<used.upperBound)
        whole += rest.bytes
        let stack = used.lowerBound..<whole.count
        return unsafe unwinder?.unwind(
            registers, stack: stack, gap: rest.gap, in: whole.span.bytes, code: code, into: &frames)
            ?? .truncated(.noRegisters)
    }

    /// Keeps the part of a thread's stack that found no room in the sample that follows.
    package func keepStack(
        of thread: Int32, at time: UInt64, address: UInt64, _ bytes: Range<Int>, in record: borrowing RawSpan
    ) {
        stackRest.append(of: thread, at: time, address: address, bytes, in: record)
    }

    /// Drops all rules, and on request the images' tables, so that the next stack is unwound like the first one.
    package func forgetUnwinding(images forgetsImages: Bool) {
        unwinder = nil
        if forgetsImages { unwindImages = [:] }
    }

    /// Images whose unwind information is broken, with the first problem found in each.
    package var unwindProblems: [(path: String, problem: UnwindError)] {
        unwindImages.sorted { $0.key < $1.key }.compactMap { _, image in image.problem.map { (image.name, $0) } }
    }

    /// Paths of images whose unwind information is broken; for a packed session, as found when it was packed.
    package var brokenUnwindTables: [String] {
        guard style == .best, let packed = images.settings.packed else { return unwindProblems.map(\.path) }
        return packed.images.filter(\.hasBrokenUnwindTable).map(\.path)
    }

    private func unwindImage(_ index: Int32, _ architecture: Architecture) -> UnwindImage? {
        if let known = unwindImages[index] { return known }
        let image = images.unwindImage(index, architecture)
        unwindImages[index] = image
        return image
    }
}

extension AddressSpace {
    func codeMap(_ images: borrowing ImageStore) -> CodeMap {
        if let code { return code }
        let map = CodeMap(
            mappings.filter(\.isExecutable).map { mapping in
                let isOfFile = images.isOfFile(mapping.image)
                return CodeMap.Mapping(
                    start: mapping.start, end: mapping.end, bias: mapping.bias,
                    image: isOfFile ? Int32(truncatingIfNeeded: mapping.image) : -1)
            })
        code = map
        return map
    }
}

extension ImageStore {
    /// Whether an image's code is in a file or the vDSO, not only in memory.
    func isOfFile(_ index: Int) -> Bool {
        guard images.indices.contains(index) else { return false }
        return images[index].source == .file || images[index].source == .vdso
    }

    /// The unwind tables of an image; `nil` if the file of the recorded build is not available.
    func unwindImage(_ index: Int32, _ architecture: Architecture) -> UnwindImage? {
        let index = Int(index)
        guard isOfFile(index) else { return nil }
        let image = images[index]
        guard
            let file = image.source == .vdso
                ? loader.vdso(buildID: image.buildID) : loader.runtimeFile(path: image.path, buildID: image.buildID)
        else { return nil }
        return UnwindImage(
            architecture: architecture, sections: UnwindSections(file.unwindSections()), name: image.path)
    }
}

extension UnwindSections {
    init(_ sections: ELFUnwindSections) {
        self.init()
        func section(_ section: ELFUnwindSections.Section) -> Section {
            Section(address: section.address, bytes: section.bytes)
        }
        exceptionFrames = sections.exceptionFrames.map(section)
        exceptionFrameHeader = sections.exceptionFrameHeader.map(section)
        debugFrames = sections.debugFrames.map(section)
        goFunctionTable = sections.goFunctionTable.map(section)
        code = sections.code.map { code in Code(address: code.address, size: code.size, read: code.bytes) }
        segments = sections.segments.map {
            Segment(fileOffset: $0.fileOffset, virtualAddress: $0.virtualAddress, fileSize: $0.fileSize)
        }
        textAddress = sections.textAddress
        dataAddress = sections.dataAddress
    }
}
