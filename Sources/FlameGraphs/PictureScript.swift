/// The picture's script: `flamegraph.js`.
enum PictureScript {
    /// The script without its `///` comment lines, which would be in every picture.
    static let bytes = Array(
        PackageResources.flamegraph_js.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .filter { !$0.starts(with: "///".utf8) }.joined(separator: [UInt8(ascii: "\n")]))
}
