// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Told by Scripts/build.sh and install.sh; SwiftPM's own word for it may be of an earlier build.
let commit = Context.environment["SPAWNSCOPE_COMMIT"] ?? ""

// Builds the pages of the libraries, by Scripts/docs.sh; nobody else has to fetch it.
let documentation: [Package.Dependency] =
    Context.environment["SPAWNSCOPE_DOCS"] == "1"
    ? [.package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0")] : []

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    // Tests lay out bytes by hand all day; `unsafe` on each of them would mark nothing.
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: Array(settings.dropFirst()))
}

let package = Package(
    name: "spawnscope",
    products: [
        .executable(name: "spawnscope", targets: ["spawnscope"]),
        .executable(name: "spawnscope-capture", targets: ["spawnscope-capture"]),
        // For other programs; they know nothing of spawns.
        .library(name: "PerfData", targets: ["PerfData", "PerfRecords", "ByteAccess"]),
        .library(name: "ELFImages", targets: ["ELFImages"]),
        .library(name: "Unwinding", targets: ["Unwinding"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // No trait: the compiler and its plug-ins are not built with us (Scripts/generate-protobuf.sh).
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
    ] + documentation,
    targets: [
        // What the Swift importer cannot see of the kernel, and system libraries: each a module map or one small file.
        .target(name: "CPerfEvent"),
        .target(name: "CLinuxSystem"),
        .target(name: "CHelperStart"),
        .target(name: "CVersion", cSettings: [.define("SPAWNSCOPE_COMMIT", to: "\"\(commit)\"")]),
        .systemLibrary(name: "CLibELF", providers: [.apt(["libelf-dev"])]),
        .systemLibrary(name: "CLibDW", providers: [.apt(["libdw-dev"])]),
        .target(name: "CDemangle", linkerSettings: [.linkedLibrary("iberty"), .linkedLibrary("stdc++")]),
        .systemLibrary(name: "CCompression", providers: [.apt(["libzstd-dev", "zlib1g-dev", "liblzma-dev"])]),
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),

        // Data flows one way: a target imports only what stands above it.
        library("ByteAccess"),
        library("LinuxSystem", ["CLinuxSystem"]),
        library("Presentation", ["ByteAccess"]),
        library("PerfRecords", ["ByteAccess"]),
        // What the recorder and its helper load into the kernel.
        .target(
            name: "KernelPrograms", dependencies: ["CPerfEvent", "ByteAccess", "LinuxSystem", "PerfRecords"],
            // The object is what Scripts/build-bpf.sh makes of the source.
            exclude: ["joined.bpf.c", "joined.bpf.h"], resources: [.embedInCode("joined.bpf.o")],
            swiftSettings: settings),
        library("PerfData", ["CCompression", "ByteAccess", "LinuxSystem", "PerfRecords"]),
        library("ELFImages", ["CLibELF", "CLibDW", "CCompression", "LinuxSystem"]),
        library("Unwinding", ["ByteAccess"]),
        library(
            "Symbolication",
            [
                "CLibELF", "CDemangle", "ByteAccess", "LinuxSystem", "Presentation", "PerfRecords", "ELFImages",
                "Unwinding",
            ]),
        library(
            "Session", ["ByteAccess", "PerfRecords", "PerfData", "Unwinding", "Symbolication"],
            exclude: ["session.schema.json"]),
        library(
            "Capture",
            ["CPerfEvent", "ByteAccess", "LinuxSystem", "PerfRecords", "PerfData", "Session", "KernelPrograms"]),
        library("SpawnModel", ["ByteAccess", "PerfRecords", "Session"]),
        library("Profiles", ["ByteAccess", "Presentation"]),
        library(
            "Replay",
            [
                "ByteAccess", "PerfRecords", "PerfData", "ELFImages", "Unwinding", "Symbolication", "Session",
                "SpawnModel", "Profiles",
            ]),
        library("SpawnStatistics", ["ByteAccess", "Presentation", "Session", "SpawnModel", "Profiles"]),
        library(
            "Folding",
            [
                "ByteAccess", "PerfRecords", "PerfData", "Unwinding", "Symbolication", "Session", "SpawnModel",
                "Profiles", "Replay", "SpawnStatistics",
            ]),
        library(
            "Reports", ["ByteAccess", "Presentation", "Session", "SpawnModel", "Profiles", "SpawnStatistics"],
            exclude: ["report.schema.json"]),
        .target(
            name: "FlameGraphs", dependencies: ["Presentation", "Profiles"],
            resources: [.embedInCode("flamegraph.css"), .embedInCode("flamegraph.js")], swiftSettings: settings),
        library(
            "Exports",
            [
                "CCompression", "ByteAccess", "Presentation", "Session", "SpawnModel", "SpawnStatistics", "Reports",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], exclude: ["profile.proto"]),
        library(
            "Comparison", ["ByteAccess", "Presentation", "SpawnModel", "SpawnStatistics", "Reports"],
            exclude: ["compare.schema.json"]),
        library(
            "Budgets", ["CLibYAML", "ByteAccess", "Presentation", "SpawnModel", "SpawnStatistics", "Reports"],
            exclude: ["budget-verdict.schema.json"]),
        library(
            "Packing",
            [
                "ByteAccess", "LinuxSystem", "PerfRecords", "PerfData", "Unwinding", "Symbolication", "Session",
                "Profiles", "Replay",
            ]),
        library(
            "Analysis",
            [
                "ByteAccess", "Presentation", "PerfRecords", "PerfData", "Symbolication", "Session", "SpawnModel",
                "Profiles", "Replay", "SpawnStatistics", "Reports", "Comparison",
            ]),
        .executableTarget(
            name: "spawnscope",
            dependencies: [
                "CVersion", "LinuxSystem", "Presentation", "PerfRecords", "PerfData", "ELFImages", "Unwinding",
                "Symbolication",
                "Session", "KernelPrograms", "Capture", "SpawnModel", "Profiles", "Replay", "SpawnStatistics",
                "Folding",
                "Reports", "FlameGraphs", "Exports", "Comparison", "Budgets", "Packing", "Analysis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        // With file capabilities it records for who has no rights: small, and without what reads sessions and programs.
        .executableTarget(
            name: "spawnscope-capture",
            dependencies: ["CHelperStart", "CPerfEvent", "LinuxSystem", "PerfRecords", "KernelPrograms"],
            swiftSettings: settings),

        // What tests of several targets share; part of no product.
        .target(
            name: "TestSupport",
            dependencies: [
                "CPerfEvent", "CCompression", "ByteAccess", "PerfRecords", "PerfData", "Session", "Capture",
                "SpawnModel", "Profiles", "SpawnStatistics", "Folding",
            ],
            path: "Tests/TestSupport", exclude: ["Recordings"], swiftSettings: Array(settings.dropFirst())),

        // Measures what the program never measures of itself; run by python3 Scripts/bench run unwind.
        .executableTarget(
            name: "UnwindRate",
            dependencies: ["PerfRecords", "PerfData", "Unwinding", "Symbolication", "Session", "Replay", "Analysis"],
            path: "Tests/Benchmarks/UnwindRate", swiftSettings: Array(settings.dropFirst())),

        // Measures how fast addresses are named; run by python3 Scripts/bench run pack.
        .executableTarget(
            name: "LookupRate",
            dependencies: ["ByteAccess", "PerfRecords", "PerfData", "Symbolication", "Session", "Replay", "Analysis"],
            path: "Tests/Benchmarks/LookupRate", swiftSettings: Array(settings.dropFirst())),

        // Puts simulated runs through the comparison; run by python3 Scripts/bench run compare-simulation.
        .executableTarget(
            name: "CompareSimulation", dependencies: ["Comparison"], path: "Tests/Benchmarks/CompareSimulation",
            swiftSettings: Array(settings.dropFirst())),

        // What is fuzzed, the program that does it (run by Scripts/fuzz.sh), and what the corpus holds in every test run.
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "ByteAccess", "LinuxSystem", "PerfRecords", "PerfData", "ELFImages", "Unwinding", "Symbolication",
                "Session", "SpawnModel", "Profiles", "SpawnStatistics", "Folding", "Reports", "Budgets", "Packing",
                "Analysis",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: Array(settings.dropFirst())),
        .executableTarget(
            name: "Fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/Fuzz/Driver",
            swiftSettings: Array(settings.dropFirst())),
        .testTarget(
            name: "FuzzCorpusTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/CorpusTests",
            swiftSettings: Array(settings.dropFirst())),

        tests("LinuxSystemTests", ["CLinuxSystem", "LinuxSystem", "TestSupport"]),
        tests("PresentationTests", ["Presentation", "TestSupport"]),
        tests("PerfRecordsTests", ["ByteAccess", "PerfRecords", "TestSupport"]),
        tests("KernelProgramsTests", ["ByteAccess", "KernelPrograms", "TestSupport"]),
        tests("PerfDataTests", ["CCompression", "ByteAccess", "PerfRecords", "PerfData", "Session", "TestSupport"]),
        tests("ELFImagesTests", ["ByteAccess", "PerfRecords", "ELFImages", "TestSupport"]),
        tests(
            "UnwindingTests", ["ByteAccess", "PerfRecords", "ELFImages", "Unwinding", "Symbolication", "TestSupport"]),
        tests("SymbolicationTests", ["ByteAccess", "PerfRecords", "ELFImages", "Symbolication", "TestSupport"]),
        tests("SessionTests", ["ByteAccess", "PerfRecords", "Session", "TestSupport"]),
        tests(
            "CaptureTests",
            [
                "ByteAccess", "LinuxSystem", "PerfRecords", "PerfData", "Session", "KernelPrograms", "Capture",
                "TestSupport",
            ]),
        tests("SpawnModelTests", ["ByteAccess", "PerfRecords", "Session", "SpawnModel", "TestSupport"]),
        tests(
            "ReplayTests",
            [
                "ByteAccess", "PerfRecords", "PerfData", "Symbolication", "Session", "SpawnModel", "Profiles", "Replay",
                "TestSupport",
            ]),
        tests(
            "FoldingTests",
            [
                "ByteAccess", "PerfRecords", "PerfData", "Symbolication", "Session", "SpawnModel", "Profiles", "Replay",
                "Folding", "Analysis", "TestSupport",
            ]),
        tests(
            "PackingTests",
            ["ByteAccess", "LinuxSystem", "PerfRecords", "PerfData", "Session", "Packing", "TestSupport"]),
        tests("SpawnStatisticsTests", ["Session", "SpawnModel", "SpawnStatistics", "TestSupport"]),
        tests("ReportsTests", ["Session", "SpawnModel", "Profiles", "SpawnStatistics", "Reports", "TestSupport"]),
        tests("FlameGraphsTests", ["Profiles", "FlameGraphs", "TestSupport"], exclude: ["small.svg.txt"]),
        tests(
            "ExportsTests",
            [
                "CCompression", "Presentation", "Session", "SpawnModel", "SpawnStatistics", "Reports", "Exports",
                "TestSupport",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        tests("ComparisonTests", ["SpawnModel", "Reports", "Comparison"]),
        tests("BudgetsTests", ["SpawnModel", "SpawnStatistics", "Reports", "Budgets", "TestSupport"]),
        tests(
            "AnalysisTests",
            [
                "ByteAccess", "PerfRecords", "PerfData", "Session", "SpawnModel", "Profiles", "SpawnStatistics",
                "Folding", "Reports", "Analysis", "TestSupport",
            ]),
        // The built program, from outside.
        tests("SpawnscopeTests", ["TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
