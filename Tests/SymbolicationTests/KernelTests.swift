import Symbolication
import TestSupport
import Testing

private let kallsyms = """
    ffffffff81000000 T _stext
    ffffffff81000000 T _text
    ffffffff81000100 t do_work
    ffffffff81000200 T __x64_sys_read
    ffffffff81000200 T ksys;read
    ffffffff81000300 D some_data
    ffffffff81000400 W weak_one
    ffffffff81000500 r constant
    ffffffffc0000000 t mac_start\t[mac80211]
    ffffffffc0000100 t mac_end\t[mac80211]

    """

private func symbolizer(
    _ style: NameStyle, _ directory: String, text: String = kallsyms, buildIDs: [String: [UInt8]] = [:],
    kernelPaths: Set<String>? = nil, release: String? = nil
) throws -> Symbolizer {
    try Compiler.write(Array(text.utf8), to: directory + "/kallsyms")
    // One ELF note: GNU, NT_GNU_BUILD_ID, aa bb cc dd.
    let note: [UInt8] = [4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0, 0xAA, 0xBB, 0xCC, 0xDD]
    let other: [UInt8] = [4, 0, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0, 0x4C, 0x69, 0x6E, 0, 1, 2, 3, 4, 5, 6, 0, 0]
    try Compiler.write(other + note, to: directory + "/notes")
    var settings = SymbolSettings()
    settings.kallsyms = directory + "/kallsyms"
    settings.kernelNotes = directory + "/notes"
    settings.buildIDCache = nil
    settings.otherMachine = OtherMachine(host: nil, release: release)
    return Symbolizer(style: style, sessionBuildIDs: buildIDs, kernelPaths: kernelPaths, settings: settings)
}

extension Symbolizer {
    fileprivate func mapKernel(anchor: UInt64 = 0xffff_ffff_8100_0000) {
        map(
            process: -1, start: anchor, length: 0x450, fileOffset: anchor, path: "[kernel.kallsyms]_text",
            buildID: nil, isExecutable: true)
    }

    fileprivate func kernel(_ address: UInt64) -> String {
        name(of: frame(process: 5, address: address, isKernel: true, isReturnAddress: false))
    }
}

@Suite struct KernelTests {
    @Test func namesAndModules() throws {
        try Compiler.withDirectory { directory in
            let symbolizer = try symbolizer(.perf, directory)
            symbolizer.mapKernel()
            symbolizer.map(
                process: -1, start: 0xffff_ffff_c000_0000, length: 0x1000, fileOffset: 0,
                path: "/lib/modules/6/mac80211.ko",
                buildID: nil, isExecutable: true)
            #expect(symbolizer.kernel(0xffff_ffff_8100_00ff) == "_text")
            #expect(symbolizer.kernel(0xffff_ffff_8100_0100) == "do_work")
            #expect(symbolizer.kernel(0xffff_ffff_8100_0200) == "ksys:read")
            #expect(symbolizer.kernel(0xffff_ffff_8100_0410) == "weak_one")
            #expect(symbolizer.kernel(0xffff_ffff_c000_0010) == "mac_start")
            #expect(symbolizer.kernel(0xffff_ffff_c000_0110) == "mac_end")
            #expect(symbolizer.kernel(0x1000) == "[unknown]")
            #expect(symbolizer.problems.isEmpty)
        }
    }

    /// What the session has build IDs for gives perf's names of the kernel and its modules.
    @Test(
        arguments: [
            ([:], "[[kernel.kallsyms]]", "[[mac80211]]"),
            (["/usr/lib/debug/boot/vmlinux": [1]], "[vmlinux]", "[[mac80211]]"),
            (
                ["[kernel.kallsyms]": [1], "/lib/modules/6/mac80211.ko.xz": [2]], "[[kernel.kallsyms]]",
                "[mac80211.ko.xz]"
            ),
        ] as [([String: [UInt8]], String, String)])
    func perfsNamesForUnknowns(buildIDs: [String: [UInt8]], kernel: String, module: String) throws {
        try Compiler.withDirectory { directory in
            let symbolizer = try symbolizer(.perf, directory, text: "", buildIDs: buildIDs)
            symbolizer.mapKernel()
            symbolizer.map(
                process: -1, start: 0xffff_ffff_c000_0000, length: 0x1000, fileOffset: 0,
                path: "/lib/modules/6/mac80211.ko.xz", buildID: nil, isExecutable: true)
            #expect(symbolizer.kernel(0xffff_ffff_8100_0100) == kernel)
            #expect(symbolizer.kernel(0xffff_ffff_c000_0100) == module)
        }
    }

    /// A module's build ID that was recorded as a program's gives the module no path.
    @Test(arguments: [(Set(["/lib/modules/6/mac80211.ko"]), "[mac80211.ko]"), (Set<String>(), "[[mac80211]]")])
    func modulesAreThoseOfTheKernel(paths: Set<String>, module: String) throws {
        try Compiler.withDirectory { directory in
            let symbolizer = try symbolizer(
                .perf, directory, text: "", buildIDs: ["/lib/modules/6/mac80211.ko": [2]], kernelPaths: paths)
            symbolizer.mapKernel()
            symbolizer.map(
                process: -1, start: 0xffff_ffff_c000_0000, length: 0x1000, fileOffset: 0,
                path: "/lib/modules/6/mac80211.ko", buildID: nil, isExecutable: true)
            #expect(symbolizer.kernel(0xffff_ffff_c000_0100) == module)
        }
    }

    /// A recording without a build ID of its kernel: another release's symbols name nothing of it, in neither style, and its map stays as it
    /// was recorded (simpleperf's spans all of memory).
    @Test(arguments: [NameStyle.perf, .best], ["4.9.99-android", ""])
    func anotherReleasesSymbolsAreNotUsed(style: NameStyle, release: String) throws {
        try Compiler.withDirectory { directory in
            let symbolizer = try symbolizer(style, directory, release: release)
            symbolizer.map(
                process: -1, start: 0, length: .max, fileOffset: 0, path: "[kernel.kallsyms]", buildID: nil,
                isExecutable: true)
            let name = style == .perf ? "[[kernel.kallsyms]]" : "[kernel.kallsyms]"
            for address in [0xffff_ff80_0808_0110, 0xffff_ffff_8100_0110, 0xffff_ff80_0808_0110] as [UInt64] {
                #expect(symbolizer.kernel(address) == name)
            }
        }
    }

    /// The symbols make the kernel's map another: what they are read for, and what lies outside of it, is in no map any more.
    @Test(arguments: [0xffff_ff80_0808_0110, 0xffff_ffff_f000_0000] as [UInt64])
    func theFirstAddressIsLookedUpAsTheNext(address: UInt64) throws {
        try Compiler.withDirectory { directory in
            let symbolizer = try symbolizer(.perf, directory)
            symbolizer.map(
                process: -1, start: 0, length: .max, fileOffset: 0, path: "[kernel.kallsyms]", buildID: nil,
                isExecutable: true)
            #expect(symbolizer.kernel(address) == "[unknown]")
            #expect(symbolizer.kernel(address &+ 8) == "[unknown]")
            #expect(symbolizer.kernel(0xffff_ffff_8100_0110) == "do_work")
        }
    }

    /// The kernel is the recorded one, but was booted at another address since.
    @Test func anotherBootsAddresses() throws {
        try Compiler.withDirectory { directory in
            let symbolizer = try symbolizer(
                .perf, directory, buildIDs: ["[kernel.kallsyms]": [0xAA, 0xBB, 0xCC, 0xDD]])
            symbolizer.mapKernel(anchor: 0xffff_ffff_9200_0000)
            #expect(symbolizer.kernel(0xffff_ffff_9200_0110) == "do_work")
        }
    }

    @Test func anotherKernelsSymbolsAreNotUsed() throws {
        try Compiler.withDirectory { directory in
            let recorded: [UInt8] = [1, 2, 3]
            let symbolizer = try symbolizer(.best, directory, buildIDs: ["[kernel.kallsyms]": recorded])
            symbolizer.mapKernel()
            #expect(symbolizer.kernel(0xffff_ffff_8100_0110) == "[kernel.kallsyms]")
            let reason = ImageError.Reason.otherBuild(recorded: recorded, found: [0xAA, 0xBB, 0xCC, 0xDD])
            #expect(symbolizer.problems == [ImageError(path: "[kernel.kallsyms]", reason: reason)])
        }
    }

    @Test func hiddenAddresses() throws {
        try Compiler.withDirectory { directory in
            let text = "0000000000000000 T _text\n0000000000000000 T do_work\n"
            let symbolizer = try symbolizer(.best, directory, text: text)
            symbolizer.mapKernel()
            #expect(symbolizer.kernel(0xffff_ffff_8100_0110) == "[kernel.kallsyms]")
            #expect(symbolizer.problems.map(\.reason) == [.hiddenKernelSymbols])
        }
    }

    /// Without the kernel's map perf knows nothing; the better style needs none.
    @Test func withoutTheKernelsMap() throws {
        try Compiler.withDirectory { directory in
            let perf = try symbolizer(.perf, directory)
            let best = try symbolizer(.best, directory)
            #expect(perf.kernel(0xffff_ffff_8100_0110) == "[unknown]")
            #expect(best.kernel(0xffff_ffff_8100_0110) == "do_work")
        }
    }

    @Test func brokenLines() throws {
        try Compiler.withDirectory { directory in
            let text = "\n\nzz T x\nffffffff81000100\nffffffff81000100 T\nffffffff81000100 T \nffffffff81000100 t fine"
            let symbolizer = try symbolizer(.perf, directory, text: text)
            symbolizer.mapKernel()
            #expect(symbolizer.kernel(0xffff_ffff_8100_0110) == "fine")
        }
    }

    /// A recorder may let the kernel's map reach over its modules. Their addresses are called the same whatever was asked for before, and in
    /// a packed session.
    @Test(arguments: [NameStyle.best, .perf], [0x450, 0x7000_0000, 0x7eff_ffff] as [UInt64])
    func modulesInsideTheKernelsMap(style: NameStyle, length: UInt64) throws {
        try Compiler.withDirectory { directory in
            let addresses: [UInt64] = [
                0xffff_ffff_c000_0010, 0xffff_ffff_8100_0110, 0xffff_ffff_c000_0110, 0xffff_ffff_8100_0410,
            ]
            func names(_ symbolizer: Symbolizer, _ addresses: [UInt64]) -> [UInt64: String] {
                symbolizer.map(
                    process: -1, start: 0xffff_ffff_8100_0000, length: length, fileOffset: 0xffff_ffff_8100_0000,
                    path: "[kernel.kallsyms]_text", buildID: nil, isExecutable: true)
                return Dictionary(uniqueKeysWithValues: addresses.map { ($0, symbolizer.kernel($0)) })
            }
            let first = try symbolizer(style, directory)
            let expected = names(first, addresses)
            #expect(expected[addresses[1]] == "do_work" && expected[addresses[3]] == "weak_one")
            #expect(try names(symbolizer(style, directory), addresses.reversed()) == expected)
            var settings = SymbolSettings()
            settings.packed = first.packedSymbols
            for order in [addresses, addresses.reversed()] {
                #expect(names(Symbolizer(style: style, settings: settings), order) == expected)
            }
        }
    }
}
