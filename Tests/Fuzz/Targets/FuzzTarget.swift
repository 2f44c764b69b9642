/// What libFuzzer gives bytes to, and what every test run gives the kept corpus to: one way into the program that takes bytes which
/// somebody else made, and what the commands do with what comes out of it.
///
/// A target finds traps, hangs and memory that grows; where something must hold of any input, it says so by `precondition`.
public struct FuzzTarget: Sendable {
    /// Of the corpus' directory, too.
    public let name: String
    /// No input is longer, in bytes.
    public let longest: Int
    /// Takes one input. Safe on any thread.
    public let run: @Sendable ([UInt8]) -> Void

    init(_ name: String, longest: Int, _ run: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.longest = longest
        self.run = run
    }

    /// In the order in which Scripts/fuzz.sh runs them.
    public static let all: [FuzzTarget] = [
        .perfFile, .perfFold, .perfPack, .perfPipe, .perfDirectory, .elf, .unwinding, .sourceLines, .goTable, .jitDump,
        .perfMap,
        .packedNames, .recordedNames, .metadata, .tracingFormats, .budget,
    ]

    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
