import ByteAccess
import CPerfEvent
import Glibc
package import LinuxSystem

/// A SOCK_SEQPACKET socket between a recorder and its helper. A packet has at most one descriptor with it.
package struct HelperSocket: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Both sides speak this version alone: the programs', since the records of the ring are theirs.
    package static let version: UInt64 = {
        // FNV-1a, by Fowler, Noll and Vo.
        PackageResources.joined_bpf_o.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }()

    package init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    package enum Packet: ~Copyable {
        /// The bytes, and the descriptor that came with them, or a negative number.
        case bytes([UInt8], OwnedDescriptor)
        /// The other side has closed it.
        case ended
        /// `code`: an errno.
        case failed(code: Int32)
    }

    /// Sends a packet; returns 0 or an errno.
    package func send(_ bytes: [UInt8], passing number: Int32 = -1) -> Int32 {
        -(unsafe bytes.withUnsafeBytes { unsafe cperf_packet_send(descriptor.number, $0.baseAddress, $0.count, number) })
    }

    /// Receives a packet. One that is longer than `limit` is cut, so ask for one more than is right. `milliseconds`: how long to wait,
    /// for ever if negative.
    package func receive(limit: Int, milliseconds: Int32 = -1) -> Packet {
        var bytes = [UInt8](repeating: 0, count: limit)
        var passed: Int32 = -1
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe cperf_packet_receive(descriptor.number, $0.baseAddress, $0.count, milliseconds, &passed)
        }
        let held = OwnedDescriptor(passed)
        if count < 0 { return .failed(code: Int32(clamping: -count)) }
        if count == 0 { return .ended }
        bytes.removeLast(limit - min(limit, count))
        return .bytes(bytes, held)
    }
}

extension HelperSocket {
    /// Whether a descriptor is of such a socket.
    package static func isOne(_ descriptor: Int32) -> Bool {
        func option(_ name: Int32) -> Int32 {
            var (value, size): (Int32, socklen_t) = (-1, 4)
            return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : -1
        }
        return option(SO_DOMAIN) == AF_UNIX && option(SO_TYPE) == Int32(SOCK_SEQPACKET.rawValue)
    }
}
