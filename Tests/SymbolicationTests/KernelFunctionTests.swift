import Symbolication
import Testing

/// Functions that the kernel gets while it is recorded (KSYMBOL records).
@Suite struct KernelFunctionTests {
    private func symbolizer() -> Symbolizer {
        var settings = SymbolSettings()
        settings.kallsyms = "/nonexistent"
        return Symbolizer(style: .perf, settings: settings)
    }

    private func name(_ symbolizer: Symbolizer, _ address: UInt64) -> String {
        symbolizer.name(of: symbolizer.frame(process: 7, address: address, isKernel: true, isReturnAddress: false))
    }

    @Test func aProgramHasItsNameFromItsRecordOn() {
        let symbolizer = symbolizer()
        #expect(name(symbolizer, 0xffff_ffff_a000_0010) == "[unknown]")
        symbolizer.kernelFunction("bpf_prog_01_first", address: 0xffff_ffff_a000_0000, length: 0x40)
        #expect(name(symbolizer, 0xffff_ffff_a000_0010) == "bpf_prog_01_first")
        #expect(name(symbolizer, 0xffff_ffff_a000_0040) == "[unknown]")
    }

    @Test func anotherAtTheSameAddressReplacesIt() {
        let symbolizer = symbolizer()
        symbolizer.kernelFunction("first", address: 0x1_0000, length: 0x40)
        symbolizer.kernelFunction("second", address: 0x1_0020, length: 0x40)
        #expect(name(symbolizer, 0x1_0010) == "first")
        #expect(name(symbolizer, 0x1_0030) == "second")
    }

    @Test func hostileOnesAreNone() {
        let symbolizer = symbolizer()
        symbolizer.kernelFunction("a b\nffff t c", address: 0x1_0000, length: 0x40)
        symbolizer.kernelFunction("", address: 0x1_0000, length: 0x40)
        symbolizer.kernelFunction("edge", address: .max, length: .max)
        #expect(name(symbolizer, 0x1_0010) == "[unknown]")
    }
}
