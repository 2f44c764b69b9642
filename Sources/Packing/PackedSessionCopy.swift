import LinuxSystem
internal import PerfData
import Session

/// Writes a packed session anew with its records compressed, or with them not compressed any more. What it holds stays
/// the same.
enum PackedSessionCopy {
    static func write(
        _ session: Session, to descriptor: consuming OwnedDescriptor, path: String, compresses: Bool
    ) throws(SessionWriteError) -> SessionPacker.Outcome {
        let file = session.file
        let events = file.events.map {
            SessionWriter.Event(name: $0.name, attributes: $0.attributes, ids: $0.ids)
        }
        let output = try PackedRecords(
            SessionWriter(to: descriptor, path: path, events: events, features: []), compresses: compresses)
        var outcome = SessionPacker.Outcome()
        file.forEachRecord { record, position in
            outcome.records += 1
            output.append(record, time: position.time)
        }
        var features: [SessionWriter.Feature] = []
        for (feature, payload) in file.featurePayloads() {
            switch feature {
            case .compressed, .directoryFormat, .eventDescription: continue
            // In a stream, zeros follow it.
            case .session: features.append(SessionWriter.Feature(feature.rawValue, Array(payload.prefix { $0 != 0 })))
            default: features.append(SessionWriter.Feature(feature.rawValue, payload))
            }
        }
        features.append(
            SessionWriter.Feature(FeatureEncoding.Bit.eventDescription, FeatureEncoding.eventDescription(events)))
        outcome.isCopy = true
        outcome.sizeBefore = UInt64(file.size)
        outcome.size = try output.finish(features: features)
        return outcome
    }
}
