import PerfData

extension Recording {
    /// Bytes reserved for what is written after the data when a recording ends; build IDs only if there is room.
    static let reservedSize: UInt64 = 16384

    /// Whether `count` more bytes, and the session's end, fit within `--max-size`.
    func fits(_ count: UInt64, in session: borrowing SessionWriter) -> Bool {
        guard let limit = started.options.maximumSize else { return true }
        let reserved = Self.reservedSize &+ UInt64(started.encodedSize)
        return session.fileSize &+ count &+ reserved <= limit
    }

    /// Writes a round, then FINISHED_ROUND: so records are out of time order by no more than a round.
    mutating func drain(into session: inout SessionWriter, _ wakeUps: borrowing WakeUps) {
        let size = source.takeRound()
        guard size > 0 else { return }
        // A round is written whole or not at all: part of one could have what one CPU did without what another did
        // before.
        guard fits(size &+ 8, in: session) else {
            end.reason = .maximumSize
            close(wakeUps)
            return
        }
        do throws(SessionWriteError) {
            if try source.writeRound(to: &session) { try session.append(SyntheticRecords.finishedRound) }
        } catch {
            end.isCut = true
            if child == nil { end.reason = .sessionFailed }
            end.notes.append("recording stopped early, the session holds what came before: \(error)")
            close(wakeUps)
        }
    }

    /// Ends recording with everything that has happened until now; does nothing if it has ended.
    mutating func stop(_ session: inout SessionWriter, _ wakeUps: borrowing WakeUps) {
        guard end.isRecording else { return }
        let now = Clock.monotonic
        source.disable()
        drain(into: &session, wakeUps)
        end.ended = now
    }

    /// Ends recording with what has been written so far.
    private mutating func close(_ wakeUps: borrowing WakeUps) {
        source.disable()
        for number in source.wakeUps { wakeUps.remove(number) }
        end.ended = Clock.monotonic
    }
}
