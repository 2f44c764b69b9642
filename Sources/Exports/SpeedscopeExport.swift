internal import Presentation
internal import Reports
internal import SpawnModel
package import SpawnStatistics

/// speedscope's file format: one sampled profile for each weight over shared frames.
/// (https://www.speedscope.app/file-format-schema.json; github.com/jlfwong/speedscope, src/lib/file-format-spec.ts)
package struct SpeedscopeExport: SpawnExporter {
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

    package func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) {
        var writer = JSONWriter()
        var isOpen = true
        func flush(over limit: Int) {
            guard isOpen, writer.count > limit else { return }
            isOpen = write(writer.take())
        }
        // Weights that are 0 throughout would be empty pages.
        let shown = SpawnWeight.allCases.enumerated().filter { $0.element == .spawns || stacks.totals[$0.offset] > 0 }
        writer.beginObject()
        writer.member("$schema", "https://www.speedscope.app/file-format-schema.json")
        writer.member("name", facts.title)
        writer.member("exporter", "spawnscope \(facts.toolVersion)")
        writer.member("activeProfileIndex", shown.firstIndex { $0.element == self.weight } ?? 0)
        writer.key("shared")
        writer.beginObject()
        writer.key("frames")
        writer.beginArray()
        for name in stacks.names {
            writer.beginObject()
            writer.member("name", name)
            writer.endObject()
            flush(over: 1 << 16)
        }
        writer.endArray()
        writer.endObject()
        writer.key("profiles")
        writer.beginArray()
        for (index, weight) in shown {
            writer.beginObject()
            writer.member("type", "sampled")
            writer.member("name", weight.name)
            writer.member("unit", weight.isOfTime ? "nanoseconds" : "none")
            writer.member("startValue", 0)
            writer.member("endValue", stacks.totals[index])
            writer.key("samples")
            writer.beginArray()
            for stack in stacks.stacks where stack.values[index] > 0 {
                writer.beginArray()
                for frame in stack.frames { writer.value(frame) }
                writer.endArray()
                flush(over: 1 << 16)
            }
            writer.endArray()
            writer.key("weights")
            writer.beginArray()
            for stack in stacks.stacks where stack.values[index] > 0 {
                writer.value(stack.values[index])
                flush(over: 1 << 16)
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        flush(over: 0)
    }
}
