import Glibc
import LinuxSystem
import PerfRecords
import Session

/// A function whose calls are counted, each with its stack. The user names it as `BINARY:SYMBOL`.
package struct FunctionProbe: Hashable, Sendable {
    /// The file, an absolute path.
    package let path: String
    package let function: String

    /// Throws `.usage` if the text is not such a pair, or the file does not exist. A BINARY without `/` is looked up in
    /// PATH, as a command is.
    package init(_ text: String) throws(RecordingError) {
        // Splits at the first colon: C++ functions contain colons, paths rarely do.
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex, text.index(after: colon) < text.endIndex
        else { throw .usage("--probe \(text): give BINARY:SYMBOL, as in --probe ./server:main.handle") }
        let binary = String(text[..<colon])
        function = String(text[text.index(after: colon)...])
        guard let path = Self.resolved(binary) else { throw .usage("--probe \(text): there is no file \(binary)") }
        self.path = path
    }

    private static func resolved(_ binary: String) -> String? {
        var candidates = [binary]
        if !binary.contains("/") {
            let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin:/bin"
            candidates = path.split(separator: ":").map { "\($0)/\(binary)" }
        }
        for candidate in candidates {
            guard let whole = unsafe realpath(candidate, nil) else { continue }
            defer { unsafe free(whole) }
            let path = unsafe String(cString: whole)
            guard (try? FileStatus(path))?.isRegular == true else { continue }
            return path
        }
        return nil
    }

    /// The event's name, as perf forms it: `probe_NAME:FUNCTION`.
    var eventName: String {
        let file = path.split(separator: "/").last ?? ""
        return ProbeEvent.prefix + file.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined() + ":" + function
    }
}

extension EventPlan {
    /// Plans the event of a probe. If the file lacks the function, that becomes a note and the rest is recorded:
    /// symbols come and go between versions of a program.
    mutating func add(
        _ probe: FunctionProbe, options: RecordingOptions, features: KernelFeatures, images: ImageReader
    ) {
        guard let offset = images.functionOffset(probe.path, probe.function) else {
            let nearest = images.nearestFunction(probe.path, probe.function).map { " (did you mean '\($0)'?)" } ?? ""
            notes.append("\(probe.path) has no function \(probe.function)\(nearest): it was not counted")
            return
        }
        let isPlanned = add(
            Breakpoint(path: probe.path, offset: offset), name: probe.eventName, isAsked: true, features: features
        ) { attributes in
            attributes.sampleType.insert(.callchain)
            attributes.flags.insert(.excludeCallchainKernel)
            StackDump(options).add(to: &attributes)
        }
        if !isPlanned { notes.append("this kernel has no uprobes for perf: \(probe.function) was not counted") }
    }
}
