/// The call instruction that ends where a return address points.
enum CallInstruction: Equatable {
    /// Calls this address.
    case direct(target: UInt64)
    case indirect

    /// The call before `end`, an offset in `code`, whose first byte is linked at `address`.
    static func before(
        _ end: Int, in code: [UInt8], at address: UInt64, architecture: Architecture
    ) -> CallInstruction? {
        switch architecture {
        case .x86_64: x86(before: end, in: code, at: address)
        case .arm64: arm64(before: end, in: code, at: address)
        }
    }

    /// E8 rel32; FF /2 with any addressing (Intel SDM volume 2, CALL, and table 2-2). Prefixes come before these bytes.
    private static func x86(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction? {
        if code.load(UInt8.self, at: end &- 5) == 0xE8, let distance = code.load(Int32.self, at: end &- 4) {
            return .direct(target: address &+ UInt64(end) &+ UInt64(bitPattern: Int64(distance)))
        }
        for length in 2...7 {
            guard code.load(UInt8.self, at: end &- length) == 0xFF,
                let modes = code.load(UInt8.self, at: end &- length &+ 1), modes >> 3 & 7 == 2
            else { continue }
            if length == 2 &+ addressingSize(modes, code.load(UInt8.self, at: end &- length &+ 2)) { return .indirect }
        }
        return nil
    }

    /// Bytes behind the ModR/M byte: SIB and displacement.
    private static func addressingSize(_ modes: UInt8, _ next: UInt8?) -> Int {
        let (mod, rm) = (modes >> 6, modes & 7)
        let hasSIB = mod != 3 && rm == 4
        switch mod {
        case 0: return hasSIB ? (next.map { $0 & 7 } == 5 ? 5 : 1) : rm == 5 ? 4 : 0
        case 1: return hasSIB ? 2 : 1
        case 2: return hasSIB ? 5 : 4
        default: return 0
        }
    }

    /// BL, BLR and its authenticating forms (Arm Architecture Reference Manual, C6.2).
    private static func arm64(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction? {
        guard let word = code.load(UInt32.self, at: end &- 4) else { return nil }
        if word & 0xFC00_0000 == 0x9400_0000 {
            let words = Int64(Int32(bitPattern: word << 6) >> 6)
            return .direct(target: address &+ UInt64(end) &- 4 &+ UInt64(bitPattern: words &* 4))
        }
        let isIndirect =
            word & 0xFFFF_FC1F == 0xD63F_0000 || word & 0xFFFF_F800 == 0xD73F_0800 || word & 0xFFFF_F81F == 0xD63F_081F
        return isIndirect ? .indirect : nil
    }

    /// Whether the bytes at `offset` are a stub of the procedure linkage table: a jump through memory, to wherever the
    /// dynamic linker bound it.
    static func isStub(at offset: Int, in code: [UInt8], architecture: Architecture) -> Bool {
        switch architecture {
        case .x86_64:
            var place = offset
            if code.load(UInt32.self, at: place) == 0xFA1E_0FF3 { place &+= 4 }  // endbr64
            if code.load(UInt8.self, at: place) == 0xF2 { place &+= 1 }  // bnd
            return code.load(UInt16.self, at: place) == 0x25FF
        case .arm64:
            var place = offset
            if code.load(UInt32.self, at: place) == 0xD503_245F { place &+= 4 }  // bti c
            guard let page = code.load(UInt32.self, at: place) else { return false }
            return page & 0x9F00_001F == 0x9000_0010  // adrp x16
        }
    }
}
