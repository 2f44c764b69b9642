// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    // Tests lay out bytes by hand all day; `unsafe` on each of them would mark nothing.
    .testTarget(name: name, dependencies: dependencies, swiftSettings: Array(settings.dropFirst()))
}

let package = Package(
    name: "spawnscope",
    products: [
        .executable(name: "spawnscope", targets: ["spawnscope"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // No trait: the compiler and its plug-ins are not built with us (Scripts/generate-protobuf.sh).
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: [
        // What the Swift importer cannot see of the kernel, and system libraries: each a module map or one small file.
        .target(name: "CPerfEvent"),
        .target(name: "CLinuxSystem"),
        .systemLibrary(name: "CLibELF", providers: [.apt(["libelf-dev"])]),
        .systemLibrary(name: "CLibDW", providers: [.apt(["libdw-dev"])]),
        .target(name: "CDemangle", linkerSettings: [.linkedLibrary("iberty"), .linkedLibrary("stdc++")]),
        .systemLibrary(name: "CCompression", providers: [.apt(["libzstd-dev", "zlib1g-dev", "liblzma-dev"])]),
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),

        // Data flows one way: a target imports only what stands above it.
        library("LinuxSystem", ["CLinuxSystem"]),
        library("PerfRecords"),
        library("PerfData", ["CCompression", "LinuxSystem", "PerfRecords"]),
        library("PerfCapture", ["CPerfEvent", "LinuxSystem", "PerfRecords", "PerfData"]),
        library("Presentation"),
        library("ELFImages", ["CCompression", "CLibDW", "CLibELF", "LinuxSystem"]),
        library("Unwinding", ["PerfRecords"]),
        library(
            "Symbolication",
            ["CDemangle", "CLibELF", "ELFImages", "LinuxSystem", "PerfRecords", "Presentation", "Unwinding"]),
        library("SpawnModel", ["PerfRecords"]),
        library("Profiles", ["Presentation"]),
        library("FlameGraphs", ["Presentation", "Profiles"]),
        .target(
            name: "Reports", dependencies: ["Presentation", "SpawnModel"], exclude: ["report.schema.json"],
            swiftSettings: settings),
        .target(
            name: "Budgets", dependencies: ["CLibYAML", "Presentation", "SpawnModel", "Reports"],
            exclude: ["budget-verdict.schema.json"], swiftSettings: settings),
        .target(
            name: "Comparison", dependencies: ["Presentation", "SpawnModel", "Reports"],
            exclude: ["compare.schema.json"],
            swiftSettings: settings),
        .target(
            name: "Exports",
            dependencies: [
                "CCompression", "Presentation", "SpawnModel", "Reports",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["profile.proto"], swiftSettings: settings),
        library(
            "Analysis",
            [
                "PerfRecords", "PerfData", "ELFImages", "Presentation", "Symbolication", "SpawnModel", "Profiles",
                "Reports", "Comparison", "Unwinding",
            ]),
        library(
            "Packing",
            ["LinuxSystem", "PerfRecords", "PerfData", "Symbolication", "Profiles", "Analysis", "Unwinding"]),
        .executableTarget(
            name: "spawnscope",
            dependencies: [
                "LinuxSystem", "PerfRecords", "PerfCapture", "PerfData", "ELFImages", "Symbolication", "SpawnModel",
                "Profiles",
                "FlameGraphs", "Reports", "Budgets", "Comparison", "Exports", "Analysis", "Unwinding",
                "Packing", "Presentation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        // What tests of several targets share; part of no product.
        .target(
            name: "TestSupport", dependencies: ["PerfCapture"], path: "Tests/TestSupport",
            swiftSettings: Array(settings.dropFirst())),

        // Measures what the program never measures of itself; run by Scripts/benchmark-unwind.sh.
        .executableTarget(
            name: "UnwindRate", dependencies: ["Analysis", "PerfData", "PerfRecords", "Symbolication", "Unwinding"],
            path: "Tests/Benchmarks/UnwindRate", swiftSettings: Array(settings.dropFirst())),

        // Measures how fast addresses are named; run by Scripts/benchmark-pack.sh.
        .executableTarget(
            name: "LookupRate", dependencies: ["Analysis", "PerfData", "PerfRecords", "Symbolication"],
            path: "Tests/Benchmarks/LookupRate", swiftSettings: Array(settings.dropFirst())),

        // Puts simulated runs through the comparison; run by Scripts/benchmark-compare.sh.
        .executableTarget(
            name: "CompareSimulation", dependencies: ["Comparison"], path: "Tests/Benchmarks/CompareSimulation",
            swiftSettings: Array(settings.dropFirst())),

        // What is fuzzed, the program that does it (run by Scripts/fuzz.sh), and what the corpus holds in every test run.
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Analysis", "Budgets", "ELFImages", "LinuxSystem", "Packing", "PerfData", "PerfRecords", "Profiles",
                "Reports",
                "SpawnModel", "Symbolication", "Unwinding",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: Array(settings.dropFirst())),
        .executableTarget(
            name: "Fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/Fuzz/Driver",
            swiftSettings: Array(settings.dropFirst())),
        .testTarget(
            name: "FuzzCorpusTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/CorpusTests",
            swiftSettings: Array(settings.dropFirst())),

        tests("LinuxSystemTests", ["CLinuxSystem", "LinuxSystem", "TestSupport"]),
        tests("PerfRecordsTests", ["PerfRecords"]),
        tests("PerfDataTests", ["CCompression", "PerfData", "PerfRecords", "TestSupport"]),
        tests("PerfCaptureTests", ["PerfCapture", "PerfData", "PerfRecords", "TestSupport"]),
        tests("ELFImagesTests", ["ELFImages", "PerfRecords", "TestSupport"]),
        tests("UnwindingTests", ["Unwinding", "ELFImages", "PerfRecords", "Symbolication", "TestSupport"]),
        tests("SymbolicationTests", ["Symbolication", "ELFImages", "PerfRecords", "TestSupport"]),
        tests("SpawnModelTests", ["SpawnModel", "PerfRecords", "TestSupport"]),
        tests("PresentationTests", ["Presentation", "TestSupport"]),
        tests("ProfilesTests", ["Profiles"]),
        .testTarget(
            name: "FlameGraphsTests", dependencies: ["FlameGraphs", "Profiles", "TestSupport"],
            exclude: ["small.svg.txt"],
            swiftSettings: Array(settings.dropFirst())),
        tests("ReportsTests", ["Presentation", "Reports", "SpawnModel", "TestSupport"]),
        tests("BudgetsTests", ["Budgets", "Reports", "SpawnModel", "TestSupport"]),
        tests("ComparisonTests", ["Comparison", "Reports", "SpawnModel", "TestSupport"]),
        .testTarget(
            name: "ExportsTests",
            dependencies: [
                "CCompression", "Exports", "Presentation", "Reports", "SpawnModel", "TestSupport",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ], swiftSettings: Array(settings.dropFirst())),
        .testTarget(
            name: "AnalysisTests",
            dependencies: ["Analysis", "PerfData", "PerfRecords", "Profiles", "Reports", "SpawnModel", "TestSupport"],
            exclude: ["Recordings"], swiftSettings: Array(settings.dropFirst())),
        // The built program, from outside.
        tests("SpawnscopeTests", ["TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
