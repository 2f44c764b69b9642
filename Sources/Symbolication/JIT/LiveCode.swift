/// Code that does not overlap: an insertion removes what it overlaps. Holds indices of codes by address, in pieces, so
/// that an insertion stays cheap however many codes there are and however large they are: a dump may claim 3,000
/// functions of 16 MiB each.
struct LiveCode {
    /// Ascending; none is empty.
    private var pieces: [[Int]] = []
    private(set) var count = 0

    private static let largestPiece = 1024

    /// Inserts a code; returns whether that changes the name of an address.
    mutating func insert(_ index: Int, _ all: [JITDump.Code]) -> Bool {
        let new = all[index]
        var piece = firstPiece(endingAfter: new.start, all)
        var isChange = false
        // The codes that it overlaps are adjacent; each is removed once.
        var place = 0
        while piece < pieces.count {
            let first = Self.first(in: pieces[piece], endingAfter: new.start, all)
            place = first
            var last = first
            while last < pieces[piece].count, all[pieces[piece][last]].start < new.end { last += 1 }
            guard last > first else { break }
            isChange = true
            count -= last - first
            let isToEnd = last == pieces[piece].count
            pieces[piece].removeSubrange(first..<last)
            if pieces[piece].isEmpty {
                pieces.remove(at: piece)
                place = 0
            } else if isToEnd, piece + 1 < pieces.count, all[pieces[piece + 1][0]].start < new.end {
                piece += 1
                place = 0
            } else {
                break
            }
        }
        if new.name != nil { put(index, piece, place) }
        return isChange
    }

    private mutating func put(_ index: Int, _ piece: Int, _ place: Int) {
        count += 1
        guard piece < pieces.count else {
            if let last = pieces.indices.last, pieces[last].count < Self.largestPiece {
                pieces[last].append(index)
            } else {
                pieces.append([index])
            }
            return
        }
        pieces[piece].insert(index, at: place)
        guard pieces[piece].count > Self.largestPiece else { return }
        let half = Array(pieces[piece][(Self.largestPiece / 2)...])
        pieces[piece].removeLast(half.count)
        pieces.insert(half, at: piece + 1)
    }

    private func firstPiece(endingAfter address: UInt64, _ all: [JITDump.Code]) -> Int {
        var (low, high) = (0, pieces.count)
        while low < high {
            let middle = low + (high - low) / 2
            let end = pieces[middle].last.map { all[$0].end } ?? 0
            if end <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func first(in piece: [Int], endingAfter address: UInt64, _ all: [JITDump.Code]) -> Int {
        var (low, high) = (0, piece.count)
        while low < high {
            let middle = low + (high - low) / 2
            if all[piece[middle]].end <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Calls `body` in address order.
    func forEach(of all: [JITDump.Code], _ body: (JITDump.Code) -> Void) {
        for piece in pieces {
            for index in piece { body(all[index]) }
        }
    }
}
