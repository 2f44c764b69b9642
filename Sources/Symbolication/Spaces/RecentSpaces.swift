/// The most recently used address spaces, in slots chosen by pid: every sample needs one.
struct RecentSpaces {
    private var places = [(process: Int32, space: AddressSpace?)](repeating: (-1, nil), count: 256)

    private static func place(_ process: Int32) -> Int { Int(UInt8(truncatingIfNeeded: process)) }

    subscript(process: Int32) -> AddressSpace? {
        let place = places[Self.place(process)]
        return place.process == process ? place.space : nil
    }

    mutating func keep(_ space: AddressSpace, of process: Int32) { places[Self.place(process)] = (process, space) }

    mutating func forget(_ process: Int32) {
        if places[Self.place(process)].process == process { places[Self.place(process)] = (-1, nil) }
    }
}
