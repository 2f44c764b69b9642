/// What a mapping is of, apart from where it lies and whose it is.
public struct MappedContent {
    let path: String
    let buildID: [UInt8]?
    let numbers: FileNumbers?
    let isExecutable: Bool
    let isAnonymous: Bool
    let source: MappedImage.Source
    let isJITDump: Bool
    /// The image; `nil` for memory without a file, where it is the process's own.
    let image: Int?
}

extension Symbolizer {
    /// - Parameters:
    ///   - isHugePage: MAP_HUGETLB is among the flags: the memory is anonymous whatever its name.
    ///   - numbers: the file's, where the record has them.
    public func content(
        path: String, buildID: [UInt8]?, isExecutable: Bool, isHugePage: Bool = false, numbers: FileNumbers? = nil
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
        return MappedContent(
            path: path, buildID: buildID, numbers: numbers, isExecutable: isExecutable, isAnonymous: isAnonymous,
            source: source,
            isJITDump: source != .jitMap && isExecutable && style == .best && MappedName.isJITDump(path),
            image: isOfProcess ? nil : image(path: path, buildID: buildID, source: source, numbers: numbers))
    }
}
