internal import ArgumentParser
internal import Glibc
internal import PerfData
internal import Session
internal import Symbolication

/// A session opened for a subcommand. If that fails, one line says what is wrong and what to do.
struct LoadedSession {
    let session: Session
    /// The session's name in messages.
    let path: String
    private let progress: ReadingProgress

    /// `isStreamed` says that output is written while the session is read. On a terminal that leaves no line for
    /// progress.
    init(path: String, opening place: String? = nil, isStreamed: Bool = false) throws {
        let file: PerfDataFile
        do throws(PerfDataError) {
            file = try PerfDataFile(path: path, opening: place)
        } catch {
            let (message, status) = Self.explain(error)
            Terminal.say(message)
            throw status
        }
        let session: Session
        do throws(NewerSessionError) {
            session = try Session(file)
        } catch {
            Terminal.say(Self.explain(error, path: path))
            throw ExitStatus.dataError
        }
        self.init(session, path: path, isStreamed: isStreamed)
    }

    /// Wraps a session that is open already; messages call it `path`.
    init(_ session: Session, path: String, isStreamed: Bool = false) {
        self.session = session
        self.path = path
        for damage in session.damage { Self.tell(damage, path: path) }
        let progress = ReadingProgress(
            name: path, size: session.file.dataSize, isShown: !(isStreamed && isatty(STDOUT_FILENO) == 1))
        self.progress = progress
        session.file.onProgress = { progress.advance(to: $0) }
    }

    var file: PerfDataFile { session.file }
    /// `nil` for a recording not made by Spawnscope.
    var metadata: SessionMetadata? { session.metadata }

    private static func explain(_ error: NewerSessionError, path: String) -> String {
        switch error {
        case .metadata(let schema): "\(path): written by a newer Spawnscope (\(schema)); read it with that version"
        case .names(let version):
            "\(path): packed by a newer spawnscope (version \(version) of its names); use that one"
        }
    }

    private static func tell(_ damage: Session.Damage, path: String) {
        switch damage {
        case .metadata:
            Terminal.note("\(path): its session metadata are damaged; it is read like a recording of perf's")
        case .names(let offset):
            Terminal.say(
                "\(path): the names that were packed into it are damaged at offset \(offset) of them; its stacks have none"
            )
        }
    }

    private static func explain(_ error: PerfDataError) -> (String, ExitCode) {
        switch error {
        case .unreadable(let path, ENOENT):
            (
                "\(path): no such file; record a session with 'spawnscope record -- COMMAND' or name one",
                ExitStatus.noInput
            )
        case .unreadable(let path, EACCES):
            (
                "\(path): permission denied; sessions belong to who recorded them (chown it, or read it as root)",
                ExitStatus.noInput
            )
        case .unreadable(let path, let code): ("\(path): \(Terminal.errorText(code))", ExitStatus.noInput)
        case .notSpooled(let path, let directory, let code):
            (
                "\(path): cannot be copied to \(directory): \(Terminal.errorText(code)); name another directory in TMPDIR",
                ExitStatus.ioError
            )
        case .directory(let path):
            ("\(path): is a directory without a recording in it; name a session file", ExitStatus.noInput)
        case .invalidDirectory(let path, let reason):
            ("\(path): is no recording of 'perf record --threads': \(reason)", ExitStatus.dataError)
        case .notRegular(let path): ("\(path): is no regular file; name a session file", ExitStatus.noInput)
        case .empty(let path):
            ("\(path): is empty; the recording wrote nothing, record it again", ExitStatus.dataError)
        case .foreign(let path):
            (
                "\(path): is no perf.data file (offset 0); name a session of 'spawnscope record' or 'perf record'",
                ExitStatus.dataError
            )
        case .bigEndian(let path):
            ("\(path): was recorded on a big-endian machine, which is not supported", ExitStatus.dataError)
        case .invalidHeader(let path, let offset, let reason):
            ("\(path): damaged header at offset \(offset): \(reason); record it again", ExitStatus.dataError)
        }
    }

    /// Remarks on the file's damage, one line each without its name. Complete only once all records were read.
    var damageLines: [String] {
        var lines: [String] = []
        if let damage = file.damage {
            let reason =
                switch damage.reason {
                case .recorderDidNotFinish: "the recorder was killed before it finished; what it had written is used"
                case .tornRecord: "the record at offset \(damage.offset) is cut off; what precedes it is used"
                case .invalidRecordSize(let size):
                    "the record at offset \(damage.offset) says that it has \(Quantity.count(size, "byte")); what precedes it is used"
                case .invalidCompression:
                    "the compressed record at offset \(damage.offset) is damaged; what precedes it is used"
                case .tooMuchCompressed:
                    "the compressed record at offset \(damage.offset) holds more than is unpacked; what precedes it is used"
                case .truncatedFile:
                    "the file ends at offset \(damage.offset), in the midst of its data; what is there is used"
                case .truncatedFeatures:
                    "the file ends at offset \(damage.offset), behind its records; names and notes may be missing"
                }
            lines.append(damage.fileName.map { "\($0): \(reason)" } ?? reason)
        }
        if file.unknownEventRecords > 0 {
            lines.append(
                Quantity.leftOut(
                    file.unknownEventRecords, "record of an event that the file does not name",
                    "records of events that the file does not name"))
        }
        return lines
    }

    /// Writes `damageLines` to standard error.
    func sayDamage() {
        for line in damageLines { Terminal.note("\(file.path): \(line)") }
    }

    /// Call this at the end. Fails if there was no sample because the file is damaged at its start or holds only AUX
    /// data.
    func requireSamples() throws {
        guard file.samples == 0, file.hasAUXData || file.damage != nil else { return }
        let reason =
            file.hasAUXData
            ? "has AUX data (a processor's trace) alone, which is not decoded: 'perf script --itrace=i1ms' does, or record samples"
            : "has no sample before its damage: record it again"
        Terminal.say("\(file.path): \(reason)")
        throw ExitStatus.dataError
    }
}

extension Session {
    /// Opens a session that this program has just written; `nil` if it cannot be read back.
    init?(reading path: String, opening place: String?) {
        guard let file = try? PerfDataFile(path: path, opening: place), let session = try? Session(file) else {
            return nil
        }
        self = session
    }
}
