internal import ELFImages

/// Names that the recorder put into the recording itself.
extension ImageStore {
    /// What the recording says of an image, by its offsets; `nil` where it says nothing.
    mutating func recordedTable(of image: MappedImage) -> SymbolTable? {
        guard let file = recordedFile(image) else { return nil }
        if file.hasLongNames { addOnce(ImageError(path: image.path, reason: .limit(.longNames))) }
        return file.table(shift: image.isCopiedCode ? 0 : file.shift)
    }

    /// What offsets in an image count from where that is not its file; `isCopiedCode`: it was mapped as such.
    func offsets(ofRecorded index: Int, isCopiedCode: Bool) -> MappedContent.Offsets? {
        let image = images[index]
        if isCopiedCode { image.isCopiedCode = true }
        guard let file = recordedFile(image) else { return nil }
        if image.isCopiedCode { return .memory }
        // An old recorder does not say where in the file the lowest address is: the map begins there.
        return file.kind == .elf && file.offset == nil ? .map(file.minimumAddress) : nil
    }

    private func recordedFile(_ image: MappedImage) -> SimpleperfFiles.File? {
        guard style == .best, image.source != .kernel, let recorded = settings.recordedFiles else { return nil }
        let path = image.source == .jitMap ? MappedName.recordedMap(image.path) : image.path
        guard let file = recorded.file(path), !file.symbols.isEmpty else { return nil }
        return file
    }
}
