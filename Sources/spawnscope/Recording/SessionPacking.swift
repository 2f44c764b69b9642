internal import ArgumentParser
internal import Glibc
internal import LinuxSystem
internal import Packing
internal import PerfData
internal import Session
internal import Symbolication

/// A packed session: written without a name, and put in place when it is complete.
struct SessionPacking {
    let outcome: SessionPacker.Outcome
    private let name: String
    /// The packed session, for reading.
    private let staged: StagedFile?

    /// A path that opens the packed session even if its name was replaced since; `nil` for a stream.
    var openPath: String? { staged.map { "/proc/self/fd/\($0.descriptor.number)" } }

    /// - Parameter place: the session's own path, or another for the result.
    static func pack(
        _ session: Session, at place: String, _ purpose: StagedFile.Purpose, compresses: Bool, keepsAll: Bool,
        found: FoundFiles = FoundFiles(), debugServer: DebugServer? = nil
    ) throws(PackingError) -> SessionPacking {
        let staged: StagedFile
        let copy: OwnedDescriptor
        do throws(FileError) {
            staged = try StagedFile.begin(place, purpose)
            copy = try FileAccess.duplicate(staged.descriptor.number)
        } catch {
            throw .write(SessionWriteError(error, operation: "replace", path: place))
        }
        let name = purpose == .session ? place : "the packed session beside \(place)"
        let outcome = try SessionPacker.pack(
            session, to: copy, path: name, compresses: compresses, keepsAll: keepsAll, found: found,
            debugServer: debugServer)
        do throws(FileError) {
            try staged.commit()
        } catch {
            throw .write(SessionWriteError(error, operation: "replace", path: place))
        }
        return SessionPacking(outcome: outcome, name: place, staged: staged)
    }

    /// Packs into a stream, which has no path yet.
    static func pack(
        _ session: Session, into stream: PipeStream, compresses: Bool, keepsAll: Bool, found: FoundFiles,
        debugServer: DebugServer?
    ) throws(PackingError) -> SessionPacking {
        let descriptor: OwnedDescriptor
        do throws(FileError) {
            descriptor = try stream.duplicate()
        } catch {
            throw .write(SessionWriteError(error, operation: "write", path: "the packed session"))
        }
        let outcome = try SessionPacker.pack(
            session, to: descriptor, path: "the packed session", compresses: compresses, keepsAll: keepsAll,
            found: found, debugServer: debugServer)
        return SessionPacking(outcome: outcome, name: "the stream", staged: nil)
    }

    /// Text on records that packing left out, since they belong to processes outside the workload.
    static func foreign(_ count: some BinaryInteger) -> String {
        Quantity.leftOut(
            count, "record of processes outside of the workload", "records of processes outside of the workload")
    }

    var lines: [String] {
        let (before, after) = (Quantity.bytes(outcome.sizeBefore), Quantity.bytes(outcome.size))
        if outcome.isCopy { return ["written anew from \(before) to \(after) in \(name): it was packed already"] }
        var lines = [
            "packed from \(before) to \(after) in \(name):"
                + " \(Quantity.count(outcome.stacks, "stack")) unwound, \(Quantity.count(outcome.symbols, "name")) stored"
        ]
        if outcome.truncatedStacks > 0 { lines.append("\(outcome.truncatedStacks) of the stacks are truncated") }
        if outcome.foreign > 0 {
            lines.append(Self.foreign(outcome.foreign) + " (--keep-all)")
        }
        if outcome.undecodedSamples > 0 {
            lines.append(Quantity.leftOut(outcome.undecodedSamples, "damaged sample"))
        }
        return lines + outcome.remarks.prefix(16)
    }

    static func message(of error: PackingError) -> String {
        switch error {
        case .packedAlready(let path): "\(path) is packed already"
        case .auxiliaryTrace(let path):
            "\(path): holds an AUX area trace, which would be lost; it can be read as it is"
        case .write(let error): "\(error)"
        }
    }

    static func status(of error: PackingError) -> ExitCode {
        switch error {
        case .packedAlready, .auxiliaryTrace: ExitStatus.dataError
        case .write: ExitStatus.cannotCreate
        }
    }
}
