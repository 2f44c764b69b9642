import Testing

@testable import LinuxSystem

@Suite("What a worker asks its parent")
struct FileRequestTests {
    static let requests: [FileRequest] = [
        .image(path: "/usr/bin/true"), .session(path: "s.data"), .sessionPart(directory: "d", name: "data.3"),
        .text(path: "/proc/kallsyms"), .jit(directory: "/proc/7/root", parts: ["tmp", "perf-7.map"]), .temporary,
        .stage(path: "out.svg", purpose: .result), .commit(token: 0x1122_3344_5566_7788),
        .debugFile(buildID: [1, 2, 3], isProgram: true),
    ]

    @Test("comes out of the message as it went in", arguments: requests)
    func roundTrip(request: FileRequest) throws {
        let message = try #require(request.encoded())
        #expect(FileRequest(decoding: message) == request)
    }

    @Test("a message that is cut anywhere is no request", arguments: requests)
    func cut(request: FileRequest) throws {
        let message = try #require(request.encoded())
        // A jit request that ends behind one of its parts is a shorter one.
        for count in 0..<message.count where FileRequest(decoding: Array(message.prefix(count))) == request {
            Issue.record("cut at \(count)")
        }
        #expect(FileRequest(decoding: message + [0]) != request)
    }

    @Test("a path with a NUL, or one that is too long, is no request")
    func badPaths() {
        #expect(FileRequest(decoding: [1, 3, 0, 97, 0, 98]) == nil)
        #expect(FileRequest.image(path: String(repeating: "a", count: 20_000)).encoded() == nil)
    }

    @Test(
        "answers come out as they went in",
        arguments: [nil, .system(13), .notRegular, .refused, .foreignLink(1000)] as [FileError?])
    func answers(failure: FileError?) {
        let answer = FileAnswer(failure: failure, token: 99)
        #expect(FileAnswer(decoding: answer.encoded()) == answer)
    }
}
