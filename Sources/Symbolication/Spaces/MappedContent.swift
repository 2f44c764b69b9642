/// What a mapping maps, apart from its address and process.
package struct MappedContent {
    let path: String
    let buildID: [UInt8]?
    let numbers: FileNumbers?
    let isExecutable: Bool
    let isAnonymous: Bool
    let source: MappedImage.Source
    let isJITDump: Bool
    let offsets: Offsets
    /// The image; `nil` for executable anonymous memory, where each process has its own.
    let image: Int?

    /// What offsets in the image count from.
    enum Offsets {
        case file, memory
        /// The start of the map, which has this offset.
        case map(UInt64)
    }

    /// Whether it is memory without a file.
    var isMemory: Bool { isAnonymous && source != .vdso }

    /// What to add to an address in such a mapping to get the offset in the image.
    func bias(start: UInt64, fileOffset: UInt64) -> UInt64 {
        switch offsets {
        case .file: fileOffset &- start
        case .memory: 0
        case .map(let first): first &- start
        }
    }
}

extension Symbolizer {
    /// The content of an MMAP or MMAP2 record.
    ///
    /// - Parameters:
    ///   - isHugePage: MAP_HUGETLB is among the flags: the memory is anonymous whatever its name.
    ///   - isCopiedCode: the protection has simpleperf's flag for JIT code that was copied into a file.
    ///   - numbers: the file's device and inode, if the record has them.
    package func content(
        path: String, buildID: [UInt8]?, isExecutable: Bool, isHugePage: Bool = false, isCopiedCode: Bool = false,
        numbers: FileNumbers? = nil
    ) -> MappedContent {
        let isAnonymous = MappedName.isAnonymous(path) || isHugePage
        let source: MappedImage.Source
        if path == "[vdso]" {
            source = .vdso
        } else if isAnonymous {
            source = isExecutable ? .jitMap : .none
        } else if MappedName.isJITMap(path, style: style) {
            source = .jitMap
        } else {
            source = path.hasPrefix("/") ? .file : .none
        }
        let isOfProcess = source == .jitMap && isAnonymous
        let image = isOfProcess ? nil : image(path: path, buildID: buildID, source: source, numbers: numbers)
        var offsets: MappedContent.Offsets =
            source == .vdso ? .map(0) : isAnonymous ? .memory : .file
        if hasRecordedNames, let image, let recorded = images.offsets(ofRecorded: image, isCopiedCode: isCopiedCode) {
            offsets = recorded
        }
        return MappedContent(
            path: path, buildID: buildID, numbers: numbers, isExecutable: isExecutable, isAnonymous: isAnonymous,
            source: source,
            isJITDump: source != .jitMap && isExecutable && style == .best && MappedName.isJITDump(path),
            offsets: offsets, image: image)
    }
}
