/// What a mapping is of, apart from where it lies and whose it is.
package struct MappedContent {
    let path: String
    let buildID: [UInt8]?
    let numbers: FileNumbers?
    let isExecutable: Bool
    let isAnonymous: Bool
    let source: MappedImage.Source
    let isJITDump: Bool
    let offsets: Offsets
    /// The image; `nil` for memory without a file, where it is the process's own.
    let image: Int?

    /// What the offsets in its image count from.
    enum Offsets {
        case file, memory
        /// The map's start, which has this one.
        case map(UInt64)
    }

    /// Memory without a file.
    var isMemory: Bool { isAnonymous && source != .vdso }

    /// What to add to an address in a map of it.
    func bias(start: UInt64, fileOffset: UInt64) -> UInt64 {
        switch offsets {
        case .file: fileOffset &- start
        case .memory: 0
        case .map(let first): first &- start
        }
    }
}

extension Symbolizer {
    /// - Parameters:
    ///   - isHugePage: MAP_HUGETLB is among the flags: the memory is anonymous whatever its name.
    ///   - isCopiedCode: simpleperf's bit for code that was compiled as it ran is among the protection's.
    ///   - numbers: the file's, where the record has them.
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
