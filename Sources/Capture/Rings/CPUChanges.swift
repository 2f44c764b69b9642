import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// CPUs that go offline or come online, as the kernel reports it (netlink(7), NETLINK_KOBJECT_UEVENT): once a CPU was
/// offline its events are gone for good, and nothing in its ring says so.
final class CPUChanges {
    private let descriptor: OwnedDescriptor
    private(set) var wentOffline: Set<Int32> = []
    private(set) var cameOnline: Set<Int32> = []

    var number: Int32 { descriptor.number }

    /// `nil` without the socket (as in a container's network namespace): then only the state at the end is known.
    init?() {
        let number = socket(
            AF_NETLINK, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            NETLINK_KOBJECT_UEVENT)
        guard number >= 0 else { return nil }
        descriptor = OwnedDescriptor(number)
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        // The kernel's own messages, not udev's.
        address.nl_groups = 1
        let size = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let result = unsafe withUnsafeBytes(of: &address) { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            return unsafe bind(number, start.assumingMemoryBound(to: sockaddr.self), size)
        }
        guard result == 0 else { return nil }
    }

    /// Reads the messages that have arrived.
    func read() {
        var message = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe message.withUnsafeMutableBytes {
                unsafe recv(descriptor.number, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { return }
            guard let (cpu, isOnline) = Self.parse(message.prefix(count)) else { continue }
            if isOnline { cameOnline.insert(cpu) } else { wentOffline.insert(cpu) }
        }
    }

    /// Parses "offline@/devices/system/cpu/cpu1", which a NUL and more follow; `nil` for other messages.
    static func parse(_ message: ArraySlice<UInt8>) -> (cpu: Int32, isOnline: Bool)? {
        let text = String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
        for (action, isOnline) in [("online@", true), ("offline@", false)] {
            let start = action + "/devices/system/cpu/cpu"
            if text.hasPrefix(start), let cpu = Int32(text.dropFirst(start.count)) { return (cpu, isOnline) }
        }
        return nil
    }

    /// Notes for the user, one line each. `recorded`: the CPUs whose events were opened; `online`: those that are
    /// online at the end.
    static func notes(recorded: [Int32], online: [Int32], wentOffline: Set<Int32>, cameOnline: Set<Int32>) -> [String] {
        let recorded = Set(recorded)
        let gone = recorded.intersection(recorded.subtracting(online).union(wentOffline))
        let new = Set(online).union(cameOnline).subtracting(recorded)
        return gone.sorted().map { "CPU \($0) went offline: what ran there from then on is not in the session" }
            + new.sorted().map { "CPU \($0) came online: what ran there is not in the session" }
    }
}
