internal import ELFImages

/// Names that the recorder put into the recording itself.
extension ImageStore {
    /// The table of the names that the recording holds for an image, by offset; `nil` if it holds none.
    mutating func recordedTable(of image: MappedImage) -> SymbolTable? {
        guard let file = recordedFile(image) else { return nil }
        if file.hasLongNames { addOnce(ImageError(path: image.path, reason: .limit(.longNames))) }
        return file.table(shift: image.isCopiedCode ? 0 : file.shift)
    }

    /// What the offsets in an image count from, if names in the recording decide that; else `nil`. `isCopiedCode` says
    /// that the current map has simpleperf's flag for copied JIT code.
    func offsets(ofRecorded index: Int, isCopiedCode: Bool) -> MappedContent.Offsets? {
        let image = images[index]
        if isCopiedCode { image.isCopiedCode = true }
        guard let file = recordedFile(image) else { return nil }
        if image.isCopiedCode { return .memory }
        // An old recorder does not give the file offset of the lowest address; the map is taken to begin there.
        return file.kind == .elf && file.offset == nil ? .map(file.minimumAddress) : nil
    }

    private func recordedFile(_ image: MappedImage) -> SimpleperfFiles.File? {
        guard style == .best, image.source != .kernel, let recorded = settings.recordedFiles else { return nil }
        let path = image.source == .jitMap ? MappedName.recordedMap(image.path) : image.path
        guard let file = recorded.file(path), !file.symbols.isEmpty else { return nil }
        return file
    }
}
