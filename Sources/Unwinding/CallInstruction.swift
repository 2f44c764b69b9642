internal import ByteAccess

/// The call instruction that ends where a return address points. x86-64's bytes may read as a direct call and as an indirect one, the one
/// being part of the other's operands: then it may be either.
struct CallInstruction: Equatable {
    /// What it calls where it is a direct call; `nil` where it cannot be one.
    var target: UInt64?
    var isIndirect: Bool

    /// The call before `end`, an offset in `code`, whose first byte is linked at `address`; `nil` where no bytes read as one.
    static func before(
        _ end: Int, in code: [UInt8], at address: UInt64, architecture: Architecture
    ) -> CallInstruction? {
        let call =
            switch architecture {
            case .x86_64: x86(before: end, in: code, at: address)
            case .arm64: arm64(before: end, in: code, at: address)
            }
        return call.target != nil || call.isIndirect ? call : nil
    }

    /// E8 rel32; FF /2 with any addressing (Intel SDM volume 2, CALL, and table 2-2). Prefixes come before these bytes.
    private static func x86(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction {
        var call = CallInstruction(target: nil, isIndirect: false)
        if code.load(UInt8.self, at: end &- 5) == 0xE8, let distance = code.load(Int32.self, at: end &- 4) {
            call.target = address &+ UInt64(end) &+ UInt64(bitPattern: Int64(distance))
        }
        for length in 2...7 where !call.isIndirect {
            guard code.load(UInt8.self, at: end &- length) == 0xFF,
                let modes = code.load(UInt8.self, at: end &- length &+ 1), modes >> 3 & 7 == 2
            else { continue }
            call.isIndirect = length == 2 &+ addressingSize(modes, code.load(UInt8.self, at: end &- length &+ 2))
        }
        return call
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
    private static func arm64(before end: Int, in code: [UInt8], at address: UInt64) -> CallInstruction {
        var call = CallInstruction(target: nil, isIndirect: false)
        guard let word = code.load(UInt32.self, at: end &- 4) else { return call }
        if word & 0xFC00_0000 == 0x9400_0000 {
            let words = Int64(Int32(bitPattern: word << 6) >> 6)
            call.target = address &+ UInt64(end) &- 4 &+ UInt64(bitPattern: words &* 4)
        }
        call.isIndirect =
            word & 0xFFFF_FC1F == 0xD63F_0000 || word & 0xFFFF_F800 == 0xD73F_0800 || word & 0xFFFF_F81F == 0xD63F_081F
        return call
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
