internal import ByteAccess
internal import SpawnModel

/// Statistics of many sizes in bytes.
package struct SizeStatistics: Hashable, Sendable {
    package private(set) var count = 0
    /// Saturating.
    package private(set) var sum: UInt64 = 0
    private var smallest = UInt64.max
    private var largest: UInt64 = 0

    package init() {}

    package var min: UInt64? { count == 0 ? nil : smallest }
    package var max: UInt64? { count == 0 ? nil : largest }
    /// `nil` if there are none.
    package var mean: UInt64? { count == 0 ? nil : sum / UInt64(count) }

    /// An unknown size is not counted.
    mutating func add(_ size: UInt64?) {
        guard let size else { return }
        count += 1
        sum.addSaturating(size)
        smallest = Swift.min(smallest, size)
        largest = Swift.max(largest, size)
    }
}

/// The sizes that matter to spawns: of what they were given, and of their spawners.
package struct SpawnSizes: Hashable, Sendable {
    /// Bytes of the strings of argv and of the environment of the first exec, with their NULs.
    package private(set) var arguments = SizeStatistics()
    package private(set) var environment = SizeStatistics()
    /// Bytes of the spawner's page tables and of its resident memory.
    package private(set) var spawnerPageTables = SizeStatistics()
    package private(set) var spawnerResident = SizeStatistics()

    /// Bytes from which an environment is large, and up to which it is small; that of a login shell has 2 to 4 KiB.
    static let largeEnvironment: UInt64 = 16384
    static let smallEnvironment: UInt64 = 4096
    /// Bytes of page tables from which a fork takes long to copy them, and up to which it does not. 4 MiB map 2 GiB; at
    /// their start bash has 40 KiB, Perl 60, Python 70 and Node.js 420.
    static let largePageTables: UInt64 = 4 << 20
    static let smallPageTables: UInt64 = 256 << 10

    package init() {}

    mutating func add(_ spawn: Spawn) {
        arguments.add(spawn.argumentBytes)
        environment.add(spawn.environmentBytes)
        spawnerPageTables.add(spawn.spawnerPageTables)
        spawnerResident.add(spawn.spawnerResident)
    }
}
