internal import Presentation
internal import Reports
internal import Session
internal import SpawnModel
package import SpawnStatistics
internal import SwiftProtobuf

/// pprof's profile.proto, gzipped: a sample for each distinct stack with its labels, and a sample type for each weight.
/// (github.com/google/pprof, proto/profile.proto, doc/README.md)
package struct PprofExport: SpawnExporter {
    private var stacks: SpawnStacks
    private let weight: SpawnWeight

    /// `weight` is shown first.
    package init(parts: [SpawnStacks.Part] = SpawnStacks.Part.allCases, weight: SpawnWeight = .overhead) {
        stacks = SpawnStacks(parts: parts)
        self.weight = weight
    }

    package mutating func add(_ reported: ReportedSpawn) {
        stacks.add(reported)
    }

    package var omissions: [String] { stacks.unknownLines }

    /// Samples encoded at a time. Concatenated messages parse as one (protobuf.dev, "Last One Wins"), so the profile is
    /// never in memory as a whole.
    private static let batch = 1024

    package func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) throws(ExportError) {
        guard let gzip = GzipStream() else { throw .notEncoded }
        var isOpen = true
        func send(_ profile: PprofProfile, isLast: Bool = false) throws(ExportError) {
            guard isOpen else { return }
            let plain: [UInt8]
            do { plain = try profile.serializedBytes() } catch { throw .notEncoded }
            guard let packed = gzip.deflate(plain, isLast: isLast) else { throw .notEncoded }
            if !packed.isEmpty { isOpen = write(packed) }
        }
        var strings = StringTable()
        try send(head(facts, &strings))
        var profile = PprofProfile()
        for stack in stacks.stacks {
            profile.sample.append(sample(stack, &strings))
            guard profile.sample.count == Self.batch else { continue }
            try send(profile)
            profile = PprofProfile()
        }
        try send(profile)
        try send(functions(&strings))
        profile = PprofProfile()
        profile.stringTable = strings.strings
        try send(profile, isLast: true)
    }

    private func head(_ facts: ExportFacts, _ strings: inout StringTable) -> PprofProfile {
        var profile = PprofProfile()
        for weight in SpawnWeight.allCases {
            var type = PprofValueType()
            type.type = strings.number(of: weight.name)
            type.unit = strings.number(of: weight.isOfTime ? "nanoseconds" : "count")
            profile.sampleType.append(type)
        }
        // A period of 1: every spawn is counted.
        profile.periodType.type = strings.number(of: "spawns")
        profile.periodType.unit = strings.number(of: "count")
        profile.period = 1
        profile.defaultSampleType = strings.number(of: self.weight.name)
        if let start = facts.origin.startWall { profile.timeNanos = Int64(clamping: start) }
        if let duration = facts.duration { profile.durationNanos = Int64(clamping: duration) }
        var comments = ["spawnscope \(facts.toolVersion)"]
        if !facts.command.isEmpty { comments.append("command: \(facts.title)") }
        if let id = facts.origin.id { comments.append("session: \(ForeignText.shown(id))") }
        if let host = facts.origin.host { comments.append("host: \(ForeignText.shown(host))") }
        if let recorder = facts.origin.recorder { comments.append("recorder: \(ForeignText.shown(recorder))") }
        comments += facts.remarks.map(ForeignText.shown)
        comments += stacks.unknownLines
        profile.comment = comments.map { strings.number(of: $0) }
        return profile
    }

    private func sample(_ stack: SpawnStacks.Stack, _ strings: inout StringTable) -> PprofSample {
        var sample = PprofSample()
        // Locations and functions are numbered like names, but from 1.
        sample.locationID = stack.frames.reversed().map { UInt64($0) + 1 }
        sample.value = (0..<SpawnWeight.count).map { Int64(clamping: stack.values[$0]) }
        sample.label = [
            label(
                "program", ForeignText.shown(stack.labels.programs.joined(separator: ProgramChain.separator)), &strings),
            label("mechanism", stack.labels.mechanism?.rawValue ?? "unknown", &strings),
            label("outcome", stack.labels.outcome.rawValue, &strings),
        ]
        let group = stack.labels.group
        for (key, name) in [("container", group?.container), ("pod", group?.pod), ("unit", group?.unit)] {
            if let name { sample.label.append(label(key, ForeignText.shown(name), &strings)) }
        }
        return sample
    }

    private func label(_ key: String, _ text: String, _ strings: inout StringTable) -> PprofLabel {
        var label = PprofLabel()
        label.key = strings.number(of: key)
        label.str = strings.number(of: text)
        return label
    }

    private func functions(_ strings: inout StringTable) -> PprofProfile {
        var profile = PprofProfile()
        for (index, name) in stacks.names.enumerated() {
            var function = PprofFunction()
            function.id = UInt64(index) + 1
            function.name = strings.number(of: name)
            function.systemName = function.name
            profile.function.append(function)
            var line = PprofLine()
            line.functionID = function.id
            var location = PprofLocation()
            location.id = function.id
            location.line = [line]
            profile.location.append(location)
        }
        return profile
    }

    /// The string table; string 0 is empty.
    private struct StringTable {
        private(set) var strings = [""]
        private var numbers = ["": Int64(0)]

        mutating func number(of text: String) -> Int64 {
            if let number = numbers[text] { return number }
            let number = Int64(strings.count)
            strings.append(text)
            numbers[text] = number
            return number
        }
    }
}
