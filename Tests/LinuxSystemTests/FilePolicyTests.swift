import Glibc
import Testing

@testable import LinuxSystem

@Suite("What a worker is given")
struct FilePolicyTests {
    private static var policy: FilePolicy {
        var policy = FilePolicy(sessions: ["s.data", "/d"], results: ["out.svg"])
        policy.buildIDCache = "/root/.debug"
        return policy
    }

    @Test(
        "what the user named, and what names code",
        arguments: [
            .session(path: "s.data"), .sessionPart(directory: "/d", name: "data"),
            .sessionPart(directory: "/d", name: "data.12"), .image(path: "/usr/lib/x.so"),
            .text(path: "/proc/kallsyms"),
            .text(path: "/proc/12/stat"), .text(path: "/sys/kernel/notes"),
            .text(path: "/root/.debug/.build-id/ab/cd/kallsyms"), .jit(directory: "/tmp", parts: ["perf-7.map"]),
            .jit(directory: "/proc/7/root", parts: ["tmp", "jit-7.dump"]), .temporary,
            .stage(path: "out.svg", purpose: .result),
        ] as [FileRequest])
    func allowed(request: FileRequest) { #expect(Self.policy.allows(request)) }

    @Test(
        "and nothing else, whatever it asks for",
        arguments: [
            .session(path: "/etc/shadow"), .session(path: "./s.data"), .sessionPart(directory: "/etc", name: "data"),
            .sessionPart(directory: "/d", name: "data.1/../../etc/shadow"),
            .sessionPart(directory: "/d", name: "shadow"),
            .image(path: "relative"), .text(path: "/etc/shadow"), .text(path: "/proc/12/environ"),
            .text(path: "/proc/12/../../etc/shadow"), .text(path: "/proc/self/mem"), .text(path: "/proc/x1/stat"),
            .text(path: "/root/.debug/.build-id/../../.ssh/kallsyms"), .text(path: "/root/.ssh/kallsyms"),
            .jit(directory: "/root", parts: ["perf-7.map"]), .jit(directory: "/", parts: ["etc", "shadow"]),
            .jit(directory: "/tmp", parts: ["perf-.map"]), .jit(directory: "/tmp", parts: ["..", "perf-7.map"]),
            .jit(directory: "/proc/7/root/..", parts: ["perf-7.map"]), .jit(directory: "/tmp", parts: []),
            .jit(directory: "/tmp", parts: ["a/b", "perf-7.map"]), .stage(path: "/etc/cron.d/x", purpose: .result),
        ] as [FileRequest])
    func refused(request: FileRequest) { #expect(!Self.policy.allows(request)) }

    @Test("an image is a regular file that begins as ELF files do; no other one is handed out")
    func images() throws {
        let directory = ScratchDirectory()
        try directory.write("shadow", "root:$6$")
        #expect(mkfifo(directory.path + "/fifo", 0o600) == 0)
        try directory.link("zero", to: "/dev/zero")
        #expect(throws: FileError.refused) { _ = try FileOpener.open(.image(path: directory.path + "/shadow")) }
        for name in ["fifo", "zero", "."] {
            #expect(throws: FileError.notRegular) {
                _ = try FileOpener.open(.image(path: directory.path + "/" + name))
            }
        }
        let own = try FileOpener.open(.image(path: "/proc/self/exe"))
        #expect(own.number >= 0)
    }

    /// A workload may map a program under any name; to open what has that name here may change something.
    @Test(
        "files of the kernel's own are opened by their fixed names alone",
        arguments: ["/proc/meminfo", "/proc/self/maps", "/sys/kernel/notes", "/proc/sys/kernel/hostname"])
    func kernelFiles(path: String) {
        for request in [FileRequest.image(path: path), .session(path: path)] {
            #expect(throws: FileError.notRegular) { _ = try FileOpener.open(request) }
        }
        let opened = FileAccess.openRegular(Array(path.utf8), inRoot: nil)?.number
        #expect(opened == nil)
    }

    @Test("a file of a JIT compiler's is reached through no link")
    func jitFiles() throws {
        let directory = ScratchDirectory()
        try directory.makeDirectory("tmp")
        try directory.write("tmp/perf-1.map", "1 2 f\n")
        try directory.link("link", to: "tmp")
        try directory.link("tmp/perf-2.map", to: "perf-1.map")
        func open(_ parts: String...) throws { _ = try FileOpener.open(.jit(directory: directory.path, parts: parts)) }
        try open("tmp", "perf-1.map")
        #expect(throws: FileError.self) { try open("link", "perf-1.map") }
        #expect(throws: FileError.notRegular) { try open("tmp", "perf-2.map") }
    }
}
