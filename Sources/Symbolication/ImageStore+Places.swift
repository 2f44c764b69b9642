internal import ELFImages

/// Debug information, with the layout of the file whose code ran: the segments of a separate debug file have no
/// contents.
struct ImageLines {
    let layout: ELFLayout
    let source: SourceLines

    func frames(fileOffset offset: UInt64) -> [SourcePlace.Frame] {
        guard let address = layout.codeAddress(ofFileOffset: offset) else { return [] }
        return source.frames(virtualAddress: address).map { frame in
            let name = frame.function.map {
                frame.isSymbol ? FoldedNames.best(symbol: $0[...]) : FoldedNames.best(plain: $0[...])
            }
            return SourcePlace.Frame(
                function: name ?? "", file: FoldedNames.best(plain: frame.file[...]), line: frame.line)
        }
    }
}

/// The source places found so far, and the debug information that is open.
struct ImagePlaces {
    var table = PlaceTable()
    /// In the order of opening; the oldest is closed first.
    private var open: [(image: Int, lines: ImageLines)] = []
    private var imagesWithout: Set<Int> = []
    private var imagesWithMissing: Set<Int> = []

    /// Open debug information keeps its sections in memory, so only this many stay open.
    private static let mostOpen = 8
    /// The most unpacked bytes of all open debug information together; a single one may be larger.
    private static let mostBytes: UInt64 = 128 << 20

    /// Whether to report that a file is missing: true once for each image.
    mutating func tellsMissing(_ image: Int) -> Bool { imagesWithMissing.insert(image).inserted }

    /// The debug information of an image; `read` is called unless it is open. Images without any are remembered.
    mutating func lines(of image: Int, read: () -> ImageLines?) -> ImageLines? {
        if let known = open.first(where: { $0.image == image }) { return known.lines }
        guard !imagesWithout.contains(image) else { return nil }
        guard let lines = read() else {
            imagesWithout.insert(image)
            return nil
        }
        open.append((image, lines))
        while open.count > Self.mostOpen
            || open.count > 1 && open.reduce(0, { $0 + min($1.lines.source.byteCount, 1 << 40) }) > Self.mostBytes
        {
            open.removeFirst()
        }
        return lines
    }
}

extension ImageStore {
    /// The source place of an offset in an image; each is looked up only once.
    mutating func place(image index: Int, offset: UInt64) -> PlaceID {
        guard images.indices.contains(index), images[index].source == .file, style == .best else { return 0 }
        let image = images[index]
        if let known = image.places[offset] { return known }
        let frames: [SourcePlace.Frame]
        if let packed = settings.packed {
            frames = packed.frames(path: image.path, buildID: image.buildID, offset: offset)
        } else {
            var problems: [ImageError] = []
            let lines = places.lines(of: index) {
                loader.sourceLines(path: image.path, buildID: image.buildID, &problems)
            }
            for problem in problems { addOnce(problem) }
            frames = lines?.frames(fileOffset: offset) ?? []
            if let missing = lines?.source.missingFile, places.tellsMissing(index) {
                add(ImageError(path: image.path, reason: .missingDebugFile(missing)))
            }
        }
        let place = places.table.number(of: frames)
        image.places[offset] = place
        return place
    }
}

extension ImageLoader {
    /// The debug information of the recorded build, from the file itself or from a separate one. What is not read of it
    /// is added to `problems`.
    func sourceLines(path: String, buildID: [UInt8]?, _ problems: inout [ImageError]) -> ImageLines? {
        guard let file = runtimeFile(path: path, buildID: buildID) else { return nil }
        let layout = file.layout
        var found = SourceLines.read(file, of: path)
        problems += found.limits.map { ImageError(path: path, reason: .limit($0)) }
        if found.lines == nil {
            forEachDebugFile(of: path, layout, buildID: buildID) { candidate, _ in
                guard let file = try? ELFFile(path: candidate) else { return false }
                found = SourceLines.read(file, of: path)
                problems += found.limits.map { ImageError(path: candidate, reason: .limit($0)) }
                return found.lines != nil
            }
        }
        return found.lines.map { ImageLines(layout: layout, source: $0) }
    }
}
