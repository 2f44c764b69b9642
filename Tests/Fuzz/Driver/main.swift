import CFuzzer
import FuzzTargets
import Glibc

// Fuzz TARGET [OPTION OR CORPUS…]: what follows the target is libFuzzer's, see Scripts/fuzz.sh.
// Built without libFuzzer, it gives the files to the target, one after the other: a crash is seen there without it, too.

/// libFuzzer starts this program anew to merge, with its own arguments alone.
private let targetVariable = "SPAWNSCOPE_FUZZ_TARGET"

private func fail(_ text: String) -> Never {
    let line = Array("Fuzz: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(64)
}

private func bytes(ofFile path: String) -> [UInt8]? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    defer { close(number) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(number, &piece, piece.count), count > 0 { bytes += piece[..<count] }
    return bytes
}

var arguments = CommandLine.arguments.dropFirst()
if arguments.first == "--list" {
    for target in FuzzTarget.all { print(target.name, target.longest) }
    exit(0)
}
let name = getenv(targetVariable).map { String(cString: $0) } ?? arguments.popFirst()
guard let name, let target = FuzzTarget.named(name) else {
    fail("name one of: " + FuzzTarget.all.map(\.name).joined(separator: " "))
}
setenv(targetVariable, name, 1)
let run = target.run

var words = ([CommandLine.arguments[0]] + arguments).map { strdup($0) }
let count = Int32(words.count)
words.append(nil)
let status = words.withUnsafeMutableBufferPointer { buffer in
    guard let start = buffer.baseAddress else { return Int32(64) }
    return spawnscope_fuzz(count, start) { bytes, count in
        run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    }
}
guard status < 0 else { exit(status) }
for path in arguments {
    guard let bytes = bytes(ofFile: path) else { fail("\(path): cannot be read") }
    // Before it is tried: it may be the last line.
    print("\(path): \(bytes.count) bytes")
    fflush(nil)
    run(bytes)
}
