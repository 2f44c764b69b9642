internal import ELFImages

extension ImageStore {
    /// The symbols that were met in every image but the kernel; also says which files were not the recorded ones.
    var packed: PackedSymbols {
        var packed = PackedSymbols()
        let others = Set(problems.filter(\.isOtherFile).map(\.path))
        for (index, image) in images.enumerated() where image.source != .kernel && image.source != .none {
            guard var entry = self.packed(index, shift: 0) else { continue }
            // Problems go by path: of two images with one path, only one without any names was another file.
            entry.isOtherFile = others.contains(image.path) && image.table?.count == 0
            // A stretch of time without names is kept as well: it ends the names of the one before.
            let isStretch = image.source == .jitMap && image.buildID != nil
            if entry.isOtherFile || isStretch || !entry.best.isEmpty || !entry.perf.isEmpty || !entry.places.isEmpty {
                packed.add(entry)
            }
        }
        return packed
    }

    /// The symbols of one image that have a frame, with `shift` subtracted; `nil` if no address was looked up in it.
    func packed(_ index: Int, shift: UInt64) -> PackedSymbols.Image? {
        guard images.indices.contains(index), let table = images[index].table else { return nil }
        let image = images[index]
        var entries: [SymbolTable.Entry] = []
        for symbol in image.frames.indices where image.frames[symbol] != MappedImage.noFrame {
            guard var entry = table.entry(at: symbol) else { continue }
            let size = entry.range.upperBound - entry.range.lowerBound
            let (end, overflow) = (entry.range.lowerBound &- shift).addingReportingOverflow(size)
            guard !overflow else { continue }
            entry.range = end - size..<end
            entries.append(entry)
        }
        var packed = PackedSymbols.Image(path: image.path, buildID: image.buildID, source: image.source)
        switch style {
        case .best: packed.best = entries
        case .perf: packed.perf = entries
        }
        for (offset, place) in image.places {
            if let place = places.table[place] { packed.places[offset] = place.frames }
        }
        return packed
    }
}
