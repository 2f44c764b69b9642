package import PerfData

extension Feature {
    /// One JSON object, `"schema": "spawnscope.session/1"`.
    package static let session = Feature(rawValue: 200)
    /// The names that a packed session carries.
    package static let names = Feature(rawValue: 201)
}

extension PerfDataFile {
    /// Whether user stacks are unwound and the names are inside.
    package var isPacked: Bool { description.privateFeatures[.names] != nil }
}
