// Prints the functions and the lines of addresses in a program, inlined functions first, as `addr2line -f -i` does:
//
//     NameAddresses PROGRAM ADDRESS…
//
import ELFImages

let path = CommandLine.arguments.dropFirst().first ?? "/proc/self/exe"
let image = try ELFImage(path: path)
let symbols = SymbolTable(image)
let lines = SourceLines(try ELFFile(path: path))
for argument in CommandLine.arguments.dropFirst(2) {
    guard let address = UInt64(argument.hasPrefix("0x") ? argument.dropFirst(2) : argument[...], radix: 16) else {
        print("\(argument): no hexadecimal number")
        continue
    }
    let offset = image.layout.fileOffset(ofVirtualAddress: address)
    let symbol = offset.flatMap { symbols.index(containing: $0) }.map { Array(symbols.name(at: $0)) }
    let frames = lines?.frames(virtualAddress: address) ?? []
    if frames.isEmpty { print(text(symbol), "at ??:0") }
    for frame in frames.reversed() {
        // The outermost function is the one that the symbol names.
        print(text(frame.function ?? symbol), "at \(text(frame.file)):\(frame.line)")
    }
}

func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "??" }
