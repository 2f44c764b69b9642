import Glibc

/// Code that a JIT compiler says to have made, in a process of a number that no kernel gives: the way to named frames
/// that needs no program.
package final class NamedCode {
    package let process: Int32
    package let start: UInt64 = 0x10000
    private let path: String
    private let functions: [String]

    package init(process: Int32, _ functions: String...) {
        self.process = process
        self.functions = functions
        path = "/tmp/perf-\(process).map"
        let text = functions.enumerated().map { "\(String(0x10000 + $0 * 0x10, radix: 16)) 10 \($1)\n" }.joined()
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = Array(text.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }

    deinit { unlink(path) }

    /// The address in a function, past its start as a return address is.
    package func address(_ function: String) -> UInt64 {
        start + UInt64(functions.firstIndex(of: function) ?? 0) * 0x10 + 5
    }

    package func stack(_ innermostFirst: String...) -> [UInt64] { innermostFirst.map(address) }
}
