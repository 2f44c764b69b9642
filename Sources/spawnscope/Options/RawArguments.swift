import Glibc

/// This process's arguments as bytes: `CommandLine.arguments` repairs what is no UTF-8, and a file's name must not be.
enum RawArguments {
    /// The bytes behind `words`, which stand in this order, though not side by side, among the arguments.
    static func matching(_ words: [String]) -> [[UInt8]] {
        var rest = all()[...]
        var found: [[UInt8]] = []
        // From the end: a command's words follow the options that may look like them.
        for word in words.reversed() {
            while let last = rest.popLast() {
                guard String(decoding: last, as: UTF8.self) == word else { continue }
                found.append(last)
                break
            }
        }
        return found.count == words.count ? found.reversed() : words.map { Array($0.utf8) }
    }

    private static func all() -> [[UInt8]] {
        (0..<Int(CommandLine.argc)).compactMap { index in
            guard let argument = unsafe CommandLine.unsafeArgv[index] else { return nil }
            return unsafe Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
        }
    }
}
