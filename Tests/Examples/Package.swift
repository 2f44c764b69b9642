// swift-tools-version: 6.2
import PackageDescription

// What other programs do with the libraries; built against this checkout by Scripts/test.sh.
let package = Package(
    name: "Examples",
    dependencies: [.package(name: "spawnscope", path: "../..")],
    targets: [
        .executableTarget(
            name: "FoldModules", dependencies: [.product(name: "PerfData", package: "spawnscope")]),
        .executableTarget(
            name: "NameAddresses", dependencies: [.product(name: "ELFImages", package: "spawnscope")]),
        // What the two that unwind share.
        .target(
            name: "ImageFiles",
            dependencies: [
                .product(name: "ELFImages", package: "spawnscope"), .product(name: "Unwinding", package: "spawnscope"),
            ]),
        .executableTarget(
            name: "WaitingStack",
            dependencies: [
                "ImageFiles", .product(name: "ELFImages", package: "spawnscope"),
                .product(name: "Unwinding", package: "spawnscope"),
            ]),
        .executableTarget(
            name: "HottestStacks",
            dependencies: [
                "ImageFiles", .product(name: "PerfData", package: "spawnscope"),
                .product(name: "ELFImages", package: "spawnscope"), .product(name: "Unwinding", package: "spawnscope"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
