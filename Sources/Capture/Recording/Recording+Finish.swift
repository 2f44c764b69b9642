import PerfData
import PerfRecords
import Session

extension Recording {
    /// Identifies the recorded files, once: as soon as recording has ended, since some may be reached only through
    /// processes that still live.
    mutating func identifyFiles(_ session: borrowing SessionWriter) {
        guard end.files == nil, !end.isRecording else { return }
        let (wall, monotonic) = (started.startWall, started.startMonotonic)
        let search = FileSearch(roots: foreignRoots, of: started.rootProcesses)
        end.files = FileBuildIDs(
            of: session.executableFiles(roots: started.rootProcesses), wallTime: { wall &+ ($0 &- monotonic) },
            search: search.file, read: images.buildID)
    }

    /// Completes the session.
    mutating func finish(session: consuming SessionWriter) -> RecordingOutcome {
        identifyFiles(session)
        let files = end.files ?? FileBuildIDs(of: []) { _ in nil }
        end.notes += [files.note, files.goneNote].compactMap { $0 }
        if foreignRoots.isFull {
            end.notes.append(
                "more than \(ForeignRoots.most) containers: functions in those that came last get no names")
        }
        cpuChanges?.read()
        if let cpus = source.openCPUs {
            end.notes += CPUChanges.notes(
                recorded: cpus, online: OnlineCPUs.read(), wentOffline: cpuChanges?.wentOffline ?? [],
                cameOnline: cpuChanges?.cameOnline ?? [])
        }
        let buildIDs = FeatureEncoding.buildIDs([FileBuildIDs.kernel()].compactMap { $0 } + files.entries)
        var outcome = outcome(session: session)
        // With little room, no more than was reserved.
        let isTight = end.isCut || started.options.maximumSize != nil
        outcome.otherFiles = files.others(limit: isTight ? 2048 : 1 << 18)
        outcome.identifiedFiles = Array(files.identified.prefix(isTight ? 16 : 4096))
        outcome.heldFiles = files.held
        outcome.namespaceChanges = namespaceChanges
        outcome.heldRoots = foreignRoots.roots
        var features = [
            SessionWriter.Feature(
                FeatureEncoding.Bit.sampleTime,
                FeatureEncoding.sampleTime(first: started.startMonotonic, last: end.ended)),
            SessionWriter.Feature(Feature.session.rawValue, started.metadata(outcome).encoded()),
        ]
        // A full disk has only the room that was reserved, and how the recording ended matters more.
        if !buildIDs.isEmpty, !end.isCut || buildIDs.count <= 4096, fits(UInt64(buildIDs.count), in: session) {
            features.append(SessionWriter.Feature(FeatureEncoding.Bit.buildID, buildIDs))
        }
        var finished = outcome
        finished.file = SessionDescriptor(session.duplicate())
        do throws(SessionWriteError) {
            let cut = try session.finish(features: features)
            if cut > 0 {
                finished.notes.append(
                    "the last \(cut) bytes of records had to go: there was no room for what makes the session readable")
            }
        } catch {
            finished.notes.append("the session does not say how it ended: \(error)")
        }
        return finished
    }

    private func outcome(session: borrowing SessionWriter) -> RecordingOutcome {
        let byEvent = zip(started.plan.events, source.counts()).map { event, count in
            var counted = RecordingOutcome.EventCount(name: event.name, occurrences: count.occurrences)
            (counted.lost, counted.missed) = (count.lost, count.missed)
            return counted
        }
        var notes = end.notes + source.notes + started.plan.notes + byEvent.compactMap(\.missNote)
        if !started.plan.missing.isEmpty {
            notes.append("recorded without what this kernel lacks: " + started.plan.missing.joined(separator: ", "))
        }
        return RecordingOutcome(
            session: session.path, target: started.options.target, rootPID: started.rootPID,
            commandEnd: end.commandEnd, endReason: end.reason,
            isCut: end.isCut,
            duration: end.ended &- end.released, bytesWritten: session.dataSize, events: byEvent,
            lostWithoutName: byEvent.contains { $0.lost != nil } ? 0 : session.scanLostRecords(),
            missingEvents: started.plan.missing,
            notes: notes)
    }
}
