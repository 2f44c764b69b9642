import PerfData

extension Recording {
    /// What is written behind the data when a recording ends; build IDs only as far as there is room.
    static let reservedSize: UInt64 = 16384

    /// Whether the session stays within `--max-size` with so many bytes more, and its end.
    func fits(_ count: UInt64, in session: borrowing SessionWriter) -> Bool {
        guard let limit = started.options.maximumSize else { return true }
        let reserved = Self.reservedSize &+ UInt64(started.encodedSize)
        return session.fileSize &+ count &+ reserved <= limit
    }

    /// Drains every ring, then says that a round is complete: so file order goes back by no more than a round.
    mutating func drain(into session: inout SessionWriter, _ wakeUps: borrowing WakeUps) {
        let heads = events.rings.map { $0.head() }
        let size = zip(events.rings, heads).reduce(UInt64(0)) { $0 &+ $1.0.unread(upTo: $1.1) }
        // A round is written as a whole: half of one would have what one CPU did without what another did before.
        guard fits(size &+ 8, in: session) else {
            end.reason = .maximumSize
            close(wakeUps)
            return
        }
        do throws(SessionWriteError) {
            // Of all rings before the first write, which may take as long as the file system likes.
            for (ring, head) in zip(events.rings, heads) { ring.copyDumps(upTo: head) }
            var wrote = false
            for (ring, head) in zip(events.rings, heads) where try ring.drain(upTo: head, into: &session) {
                wrote = true
            }
            if wrote { try session.append(SyntheticRecords.finishedRound) }
        } catch {
            end.isCut = true
            if child == nil { end.reason = .sessionFailed }
            end.notes.append("recording stopped early, the session holds what came before: \(error)")
            close(wakeUps)
        }
    }

    /// Ends recording with all that has happened until now; does nothing once it has ended.
    mutating func stop(_ session: inout SessionWriter, _ wakeUps: borrowing WakeUps) {
        guard end.isRecording else { return }
        let now = Clock.monotonic
        events.disable()
        drain(into: &session, wakeUps)
        end.ended = now
    }

    /// Ends recording with what is written.
    private mutating func close(_ wakeUps: borrowing WakeUps) {
        events.disable()
        for ring in events.rings { wakeUps.remove(ring.descriptor) }
        end.ended = Clock.monotonic
    }
}
