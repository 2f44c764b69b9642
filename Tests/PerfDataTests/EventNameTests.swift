import PerfData
import PerfRecords
import Testing

/// Names that were not recorded, beside what `perf evlist` of perf 6.1 made of the same attributes.
@Suite struct EventNameTests {
    private static func attributes(
        _ type: UInt32, _ config: UInt64, _ flags: EventFlags = [], precise: UInt64 = 0
    ) -> EventAttributes {
        var attributes = EventAttributes()
        attributes.type = type
        attributes.config = config
        attributes.flags = flags.union(EventFlags(rawValue: precise << 15))
        return attributes
    }

    /// Excluded levels, precision: perf 6.1's name, and that since 6.12 where it is another.
    @Test(
        arguments: [
            ([], 0, "cycles:HG", "cycles"), ([.excludeHost], 0, "cycles:G", "cycles:G"),
            ([.excludeGuest], 0, "cycles", "cycles:H"), ([.excludeHost, .excludeGuest], 0, "cycles", "cycles"),
            ([], 1, "cycles:p", "cycles:p"), ([.excludeGuest], 3, "cycles:pppH", "cycles:pppH"),
            ([.excludeUser], 0, "cycles:kh", "cycles:kh"), ([.excludeKernel], 0, "cycles:uh", "cycles:uh"),
            ([.excludeHypervisor], 0, "cycles:ku", "cycles:ku"),
            ([.excludeHypervisor, .excludeGuest], 2, "cycles:kuppH", "cycles:kuppH"),
            ([.excludeKernel, .excludeHypervisor], 0, "cycles:u", "cycles:u"),
            ([.excludeUser, .excludeHypervisor, .excludeHost], 0, "cycles:kG", "cycles:kG"),
            ([.excludeUser, .excludeKernel, .excludeHypervisor], 0, "cycles", "cycles"),
        ] as [(EventFlags, UInt64, String, String)])
    func modifiers(flags: EventFlags, precise: UInt64, before: String, since: String) {
        let attributes = Self.attributes(EventAttributes.Kind.hardware, 0, flags, precise: precise)
        #expect(attributes.conventionalName == since)
        #expect(Set(attributes.conventionalNames) == [before, since])
    }

    @Test(
        arguments: [
            (0, 9, "ref-cycles"), (0, 99, "unknown-hardware"), (1, 99, "unknown-software"), (4, 0x1b, "raw 0x1b"),
            (3, 0, "L1-dcache-loads"), (3, 0x10000, "L1-dcache-load-misses"), (3, 0x100, "L1-dcache-stores"),
            (3, 0x10100, "L1-dcache-store-misses"), (3, 0x200, "L1-dcache-prefetches"),
            (3, 0x10201, "L1-icache-prefetch-misses"), (3, 1, "L1-icache-loads"), (3, 0x101, "invalid-cache"),
            (3, 3, "dTLB-loads"), (3, 4, "iTLB-loads"), (3, 0x104, "invalid-cache"), (3, 5, "branch-loads"),
            (3, 0x10005, "branch-load-misses"), (3, 6, "node-loads"), (3, 0x10002, "LLC-load-misses"),
            (3, 0x10106, "node-store-misses"), (3, 0x20000, "unknown-ext-hardware-cache-result"),
            (3, 0x300, "unknown-ext-hardware-cache-op"), (3, 7, "unknown-ext-hardware-cache-type"),
        ] as [(UInt32, UInt64, String)])
    func bases(type: UInt32, config: UInt64, name: String) {
        let attributes = Self.attributes(type, config)
        #expect(attributes.conventionalName == name)
        #expect(Set(attributes.conventionalNames) == [name, name + ":HG"])
    }

    @Test func breakpoints() {
        var attributes = Self.attributes(EventAttributes.Kind.breakpoint, 0)
        attributes.config1 = 0xdead_beef
        for (bits, access) in [(1, "r"), (2, "w"), (3, "rw"), (4, "x"), (7, "rwx")] as [(UInt32, String)] {
            attributes.breakpointType = bits
            #expect(attributes.conventionalName == "mem:0xdeadbeef:" + access)
        }
        attributes.flags = [.excludeKernel]
        #expect(attributes.conventionalName == "mem:0xdeadbeef:rwx:uh")
    }

    /// Newer perf knows more of them, or tells less.
    @Test func namesOfSomePerfs() {
        let output = Self.attributes(EventAttributes.Kind.software, EventAttributes.Software.bpfOutput)
        #expect(output.conventionalName == "bpf-output")
        #expect(output.conventionalNames.contains("unknown-software:HG"))
        let unit = Self.attributes(99, 7, [.excludeKernel])
        #expect(unit.conventionalName == "type99:0x7:uh")
        #expect(unit.conventionalNames.contains("unknown attr type: 99"))
    }
}
