@testable import Capture
import Testing

/// What the kernel's small files say, and what nobody should trip over.
@Suite struct SystemFileTests {
    @Test(
        arguments: [
            ("0\n", [0]), ("0-3\n", [0, 1, 2, 3]), ("0,2-3,8\n", [0, 2, 3, 8]), ("", []),
        ] as [(String, [Int32])])
    func cpuLists(text: String, expected: [Int32]) {
        #expect(OnlineCPUs.parse(Array(text.utf8)) == expected)
    }

    @Test(arguments: ["x", "3-1", "-1", "1-2-3", "0-99999999", "0,,x", "1-"])
    func badCPULists(text: String) {
        #expect(OnlineCPUs.parse(Array(text.utf8)) == nil)
    }

    @Test func mountsOfTracefs() {
        let mounts = """
            proc /proc proc rw 0 0
            nodev /mnt/my\\040traces tracefs rw 0 0
            none /dbg debugfs rw 0 0
            nodev /sys/kernel/tracing tracefs rw 0 0
            short
            """
        #expect(
            TracingDirectory.candidates(mounts: Array(mounts.utf8)) == [
                "/sys/kernel/tracing", "/sys/kernel/debug/tracing", "/mnt/my traces", "/dbg/tracing",
            ])
    }

    @Test func kernelText() throws {
        let symbols =
            "0000000000000000 A fixed\nffffffff81000000 T _stext\nffffffff81000000 T _text\nffffffff81000100 t a_text\n"
        let memory =
            "00001000-0009fbff : System RAM\n  01000000-022090c7 : Kernel code\n  02400000-02e08fff : Kernel rodata\n"
        let map = try #require(KernelMaps.kernel(symbols: Array(symbols.utf8), memory: Array(memory.utf8)))
        #expect(map.name == "[kernel.kallsyms]_text" && map.start == 0xffff_ffff_8100_0000)
        #expect(map.length == 0x12090c8 && map.pageOffset == map.start)
        let unknown = try #require(KernelMaps.kernel(symbols: Array(symbols.utf8), memory: []))
        #expect(unknown.start + (unknown.length - 1) == 0xffff_ffff_bfff_ffff)
        let hidden = "0000000000000000 T _text\n"
        #expect(KernelMaps.kernel(symbols: Array(hidden.utf8), memory: []) == nil)
    }

    @Test func modules() {
        let list = "ext4 1007616 1 - Live 0xffffffffc0400000\nhidden 4096 0 - Live 0x0000000000000000\nbroken\n"
        #expect(
            KernelMaps.modules(Array(list.utf8)) == [
                KernelMaps.Map(name: "[ext4]", start: 0xffff_ffff_c040_0000, length: 1_007_616, pageOffset: 0)
            ])
    }
}
