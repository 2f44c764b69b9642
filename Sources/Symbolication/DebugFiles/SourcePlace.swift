/// The source position of an address: the function that the symbols name, and those that were inlined into it there,
/// outermost first.
package struct SourcePlace: Hashable, Sendable {
    package struct Frame: Hashable, Sendable {
        /// As in a folded stack; empty for the outermost, whose name is the symbol's.
        package var function: String
        /// A path as the compiler wrote it; empty if unknown.
        package var file: String
        /// From 1; 0 if unknown.
        package var line: UInt32

        package init(function: String, file: String, line: UInt32) {
            self.function = function
            self.file = file
            self.line = line
        }
    }

    package var frames: [Frame]

    package init(frames: [Frame]) { self.frames = frames }
}

/// The number of a place in a session; 0 for none.
package typealias PlaceID = UInt32

/// The places that were met, each stored once.
struct PlaceTable {
    private var places: [SourcePlace] = []
    private var numbers: [SourcePlace: PlaceID] = [:]

    mutating func number(of frames: [SourcePlace.Frame]) -> PlaceID {
        guard !frames.isEmpty else { return 0 }
        let place = SourcePlace(frames: frames)
        if let known = numbers[place] { return known }
        guard let number = PlaceID(exactly: places.count + 1) else { return 0 }
        places.append(place)
        numbers[place] = number
        return number
    }

    subscript(number: PlaceID) -> SourcePlace? {
        number > 0 && Int(number) <= places.count ? places[Int(number) - 1] : nil
    }
}
