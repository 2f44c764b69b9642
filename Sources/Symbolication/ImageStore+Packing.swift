internal import ELFImages

extension ImageStore {
    /// What of every image but the kernel was met, and which were other files than the recorded ones.
    var packed: PackedSymbols {
        var packed = PackedSymbols()
        let others = Set(problems.filter(\.isOtherFile).map(\.path))
        for (index, image) in images.enumerated() where image.source != .kernel && image.source != .none {
            guard var entry = self.packed(index, shift: 0) else { continue }
            // Two images of one path, of which one is what was recorded, both gave no names only if both have none.
            entry.isOtherFile = others.contains(image.path) && image.table?.count == 0
            // A stretch of time without a name ends the names of the one before.
            let isStretch = image.source == .jitMap && image.buildID != nil
            if entry.isOtherFile || isStretch || !entry.best.isEmpty || !entry.perf.isEmpty || !entry.places.isEmpty {
                packed.add(entry)
            }
        }
        return packed
    }

    /// The symbols of one image that have a frame, `shift` below where its table has them; `nil` where none was asked for.
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
