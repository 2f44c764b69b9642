internal import ByteAccess
internal import PerfRecords

extension PerfDataFile {
    /// The payloads of the feature sections, in the order of their bits. A stream's are converted to the form that they
    /// have in a file.
    public func featurePayloads() -> [(feature: Feature, payload: [UInt8])] {
        var payloads: [Feature: [UInt8]] = withFeatureBytes { bytes in
            preamble.sections.mapValues { bytes.bytes(in: $0.range) }
        }
        if !preamble.streamedBuildIDs.isEmpty { payloads[.buildID] = preamble.streamedBuildIDs }
        if let tracingData = preamble.recordedTracingData { payloads[.tracingData] = tracingData }
        payloads.merge(description.privateFeatures) { _, streamed in streamed }
        return payloads.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
    }

    private func withFeatureBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        if let result = original?.withBytes(body) { return result }
        return file.withBytes(body)
    }
}
