import Capture
import Glibc
import LinuxSystem
import Packing
import PerfData
import Session
import Symbolication

/// Where `record` writes its session: a file, or standard output as a stream in pipe mode.
struct SessionOutput {
    /// The path that the recorder writes to.
    private(set) var path: String
    private var stream: PipeStream?
    /// A duplicate of the original standard output; -1 if there is no stream.
    private let original: Int32

    /// For a stream, redirects the command's standard output to standard error, as perf does, so that the two do not
    /// mix. Call before the command is started.
    init(_ name: String) throws(RecordingError) {
        guard ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(name) else {
            path = name
            stream = nil
            original = -1
            return
        }
        guard isatty(STDOUT_FILENO) == 0 else {
            throw .usage("a session is nothing to read on a terminal: redirect it, or name a file with -o")
        }
        original = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        guard original >= 0 else { throw .usage("standard output is closed: redirect it, or name a file with -o") }
        do throws(PerfDataError) {
            let stream = try PipeStream()
            path = stream.path
            self.stream = stream
        } catch {
            throw .usage("no temporary file for the session: name another directory in TMPDIR")
        }
        _ = dup2(STDERR_FILENO, STDOUT_FILENO)
    }

    /// Descriptors that a worker needs in addition to the session.
    var descriptors: [Int32] { (stream.map { [$0.number] } ?? []) + (original >= 0 ? [original] : []) }
    /// Whether `path` is that of a packed stream.
    private(set) var isPackedStream = false

    /// Packs the finished session; if that fails, the session stays as it is.
    mutating func pack(
        _ outcome: RecordingOutcome, _ roots: [FoundFiles.Root], compresses: Bool, keepsAll: Bool,
        _ debugServer: DebugServer?
    ) throws(PackingError) -> SessionPacking? {
        guard let session = Session(reading: path, opening: outcome.file?.path) else { return nil }
        let progress = ReadingProgress(name: "packing", size: session.file.dataSize)
        session.file.onProgress = { progress.advance(to: $0) }
        var found = FoundFiles()
        found.roots = roots
        for file in outcome.heldFiles {
            found.files[String(decoding: file.path, as: UTF8.self), default: []].append(
                FoundFile(openPath: file.openPath, buildID: file.buildID, isOnlyOfPath: file.isOnlyOfPath))
        }
        guard stream != nil else {
            return try SessionPacking.pack(
                session, at: path, .recordedSession, compresses: compresses, keepsAll: keepsAll, found: found,
                debugServer: debugServer)
        }
        guard let packed = try? PipeStream() else { return nil }
        let packing = try SessionPacking.pack(
            session, into: packed, compresses: compresses, keepsAll: keepsAll, found: found, debugServer: debugServer)
        stream = packed
        path = packed.path
        isPackedStream = true
        return packing
    }

    /// Sends a stream to standard output after the recording; says so in one line if that fails.
    func finish() {
        guard let stream else { return }
        do throws(SessionWriteError) {
            let count = try stream.send(to: original)
            Terminal.note("\(Quantity.bytes(count)) written to standard output")
        } catch .system(_, _, EPIPE) {
            Terminal.say("the reader of standard output has left: what it has of the session is cut off")
        } catch {
            Terminal.say("the session is cut off: \(error)")
        }
    }
}
