import Glibc

/// This process's arguments as bytes. `CommandLine.arguments` repairs invalid UTF-8, which would change a file's name.
enum RawArguments {
    /// The bytes of `words`, which occur among the arguments in this order but not necessarily side by side.
    static func matching(_ words: [String]) -> [[UInt8]] {
        var rest = all()[...]
        var found: [[UInt8]] = []
        // Searched from the end: options that look like the command's words come before them.
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
