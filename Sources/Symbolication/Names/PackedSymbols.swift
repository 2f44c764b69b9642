package import ELFImages

/// The names in a packed session: the symbols of every image that its stacks met, so that no file is needed to name
/// them again. It has both styles, since perf's names and the better ones come from different views of the same tables.
package struct PackedSymbols: Hashable, Sendable {
    package struct Image: Hashable, Sendable {
        /// As recorded.
        package var path: String
        package var buildID: [UInt8]?
        package var source: MappedImage.Source
        /// Whether the path led to another file than the recorded one.
        package var isOtherFile = false
        /// Whether its unwind information was broken where a stack needed it.
        package var hasBrokenUnwindTable = false
        /// The addresses that the kernel's own symbols span; `nil` for every other image.
        package var extent: Range<UInt64>?
        /// Disjoint, sorted by start; names as the file has them.
        package var best: [SymbolTable.Entry] = []
        package var perf: [SymbolTable.Entry] = []
        /// The functions around each file offset, outermost first, if the debug information has them.
        package var places: [UInt64: [SourcePlace.Frame]] = [:]

        package init(path: String, buildID: [UInt8]?, source: MappedImage.Source) {
            self.path = path
            self.buildID = buildID
            self.source = source
        }

        func table(_ style: NameStyle) -> SymbolTable { SymbolTable(entries: style == .best ? best : perf) }
    }

    struct Key: Hashable {
        var path: String
        var buildID: [UInt8]?
        var source: MappedImage.Source
    }

    /// In the order of their first appearance.
    package private(set) var images: [Image] = []
    private var indices: [Key: Int] = [:]

    package init() {}

    package var symbolCount: Int { images.reduce(0) { $0 + $1.best.count } }

    func image(path: String, buildID: [UInt8]?, source: MappedImage.Source) -> Image? {
        indices[Key(path: path, buildID: buildID, source: source)].map { images[$0] }
    }

    func frames(path: String, buildID: [UInt8]?, offset: UInt64) -> [SourcePlace.Frame] {
        indices[Key(path: path, buildID: buildID, source: .file)].flatMap { images[$0].places[offset] } ?? []
    }

    /// Adds an image; a known one gets what it lacked.
    mutating func add(_ image: Image) {
        let key = Key(path: image.path, buildID: image.buildID, source: image.source)
        guard let index = indices[key] else {
            indices[key] = images.count
            images.append(image)
            return
        }
        images[index].isOtherFile = images[index].isOtherFile || image.isOtherFile
        images[index].hasBrokenUnwindTable = images[index].hasBrokenUnwindTable || image.hasBrokenUnwindTable
        images[index].extent = images[index].extent ?? image.extent
        if images[index].best.isEmpty { images[index].best = image.best }
        if images[index].perf.isEmpty { images[index].perf = image.perf }
        if images[index].places.isEmpty { images[index].places = image.places }
    }

    mutating func add(brokenUnwindTableOf path: String) {
        for index in images.indices where images[index].path == path { images[index].hasBrokenUnwindTable = true }
        guard !images.contains(where: { $0.path == path }) else { return }
        var image = Image(path: path, buildID: nil, source: .file)
        image.hasBrokenUnwindTable = true
        add(image)
    }

    /// Adds what a symbolizer of another style looked up in the same session.
    package mutating func add(_ other: PackedSymbols) {
        for image in other.images { add(image) }
    }
}
