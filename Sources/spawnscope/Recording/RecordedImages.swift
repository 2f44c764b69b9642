internal import Capture
internal import ELFImages
internal import LinuxSystem
internal import Symbolication

/// Answers the recorder's questions about ELF files in a worker, which starts with the first question.
final class RecordedImages {
    private var worker: AskedWorker?
    private var isTried = false

    var reader: ImageReader {
        ImageReader(
            buildID: { path in self.ask(.buildID, path, "") },
            symbolOffset: { path, symbol in self.offset(.dynamicFunction, path, symbol) },
            functionOffset: { path, function in self.offset(.function, path, function) },
            nearestFunction: { path, function in
                self.ask(.nearestFunction, path, function).map { String(decoding: $0, as: UTF8.self) }
            })
    }

    private enum Question: UInt8 {
        case buildID = 1
        case dynamicFunction
        case function
        case nearestFunction
    }

    private func offset(_ question: Question, _ path: String, _ name: String) -> UInt64? {
        guard let answer = ask(question, path, name), answer.count == 8 else { return nil }
        return answer.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Asks the worker. A question is its kind, the length of the path in two bytes, the path and the name. If the path
    /// names a descriptor of this process, that is sent along.
    private func ask(_ question: Question, _ path: String, _ name: String) -> [UInt8]? {
        let text = Array(path.utf8)
        guard text.count < 1 << 12, name.utf8.count < 1 << 12 else { return nil }
        if !isTried {
            isTried = true
            worker = try? AskedWorker(CommandWorker.policy(sessions: [], results: [])) { question, descriptor in
                Self.answer(question, descriptor)
            }
        }
        let length = [UInt8(truncatingIfNeeded: text.count), UInt8(truncatingIfNeeded: text.count >> 8)]
        let answer = worker?.ask(
            [question.rawValue] + length + text + name.utf8, FileAccess.descriptor(named: path))
        guard let answer else {
            // The worker has ended; the next question starts another.
            worker = nil
            isTried = false
            return nil
        }
        return answer.isEmpty ? nil : answer
    }

    private static func answer(_ question: [UInt8], _ descriptor: Int32?) -> [UInt8] {
        guard question.count >= 3, let kind = Question(rawValue: question[0]) else { return [] }
        let rest = question.dropFirst(3)
        let length = Int(question[1]) | Int(question[2]) << 8
        let named = String(decoding: rest.prefix(length), as: UTF8.self)
        let name = String(decoding: rest.dropFirst(length), as: UTF8.self)
        let path = descriptor.map { "/proc/self/fd/\($0)" } ?? named
        switch kind {
        case .buildID: return (try? ELFFile(path: path))?.layout.buildID ?? []
        case .dynamicFunction: return bytes(ELFImage.offset(ofDynamicFunction: name, path: path))
        case .function: return bytes(FunctionOffset.find(name, in: path))
        case .nearestFunction: return Array((FunctionOffset.nearest(name, in: path) ?? "").utf8)
        }
    }

    private static func bytes(_ offset: UInt64?) -> [UInt8] {
        guard let offset else { return [] }
        return (0..<8).map { UInt8(truncatingIfNeeded: offset >> (8 * $0)) }
    }
}
