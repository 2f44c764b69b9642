import Analysis
import ArgumentParser
import PerfData
import PerfRecords
import Presentation
import Replay
import Session
import Symbolication

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Tell what a perf.data file holds: header, events, records, what was lost or is damaged.",
        discussion: """
            Works on sessions of spawnscope record and on anything that perf record wrote, in file, pipe or directory \
            mode, compressed or not.

            Examples:
              spawnscope info
              spawnscope info perf.data
            """
    )

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @OptionGroup var loudness: Loudness

    func run() throws {
        loudness.apply()
        try CommandWorker.run(sessions: [session]) { try work() }
    }

    private func work() throws {
        let loaded = try LoadedSession(path: session)
        let file = loaded.file
        let inventory = SessionInventory(loaded.session)
        var lines = header(loaded.session, inventory)
        lines.append("")
        lines += events(file, inventory)
        lines.append("")
        lines.append("records: \(inventory.recordCount)")
        for (type, count) in inventory.records.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("  \(type): \(count)")
        }
        try Terminal.write(lines: lines)
        loaded.sayDamage()
        if inventory.undecodedRecords > 0 {
            Terminal.note("\(session): \(inventory.undecodedRecords) damaged records were left out")
        }
    }

    /// Both counters count the same losses, so they give one best total, never a sum.
    private func lost(_ losses: Losses) -> String {
        guard let counted = losses.countedTotal else {
            return
                "\(Quantity.count(losses.total, "event")), by LOST records alone; what was lost behind the last of them is in none"
        }
        guard losses.total > 0 else { return "0 events" }
        return "\(Quantity.count(losses.total, "event")); the events' own counters tell of \(counted), LOST records of"
            + " \(losses.recordedTotal) of the same"
    }

    private func events(_ file: PerfDataFile, _ inventory: SessionInventory) -> [String] {
        let losses = inventory.losses
        guard let counted = losses.counted else {
            return ["events: samples, lost by LOST records (under the event that was written next)"]
                + file.events.enumerated().map { index, event in
                    "  \(event.name): \(inventory.samples[index]), \(losses.recorded[index])"
                }
        }
        return [
            "events: samples, lost by its own counter, lost by LOST records (the same, under the event that was written next)"
        ]
            + file.events.enumerated().map { index, event in
                "  \(event.name): \(inventory.samples[index]), \(counted[index]), \(losses.recorded[index])"
            }
    }

    private func header(
        _ loaded: Session, _ inventory: SessionInventory
    ) -> [String] {
        let description = loaded.file.description
        let mode = loaded.file.isDirectory ? "directory" : loaded.file.isPipe ? "pipe" : "file"
        var lines = [
            "file: \(session), \(Quantity.bytes(UInt64(loaded.file.size))), perf.data in \(mode) mode"
        ]
        func add(_ label: String, _ text: String?) {
            if let text, !text.isEmpty { lines.append("\(label): \(text)") }
        }
        add("host", description.hostname)
        add("kernel", [description.osRelease, description.architecture].compactMap { $0 }.joined(separator: " "))
        add("recorder", description.toolVersion)
        add("recorded with", Secrets.hidden(in: description.commandLine).joined(separator: " "))
        if let metadata = loaded.metadata {
            add("command", Secrets.hidden(in: metadata.command ?? []).joined(separator: " "))
            add("root", metadata.rootPID.map { "pid \($0)" })
            if let roots = metadata.roots, !roots.isEmpty {
                add("roots", Quantity.count(roots.count, "process", "processes") + " that ran already")
            }
            add(
                "foreign",
                metadata.foreignDropped.map { SessionPacking.foreign($0) + " by packing" })
            add("ended by", metadata.end?.reason)
            add("duration", (metadata.end?.duration).map { Quantity.seconds($0) })
        } else if let times = inventory.times {
            add("duration", Quantity.seconds(times.upperBound - times.lowerBound))
        }
        add("lost", lost(inventory.losses))
        add("build IDs", "\(description.buildIDs.count)")
        if let symbols = loaded.names, !loaded.damage.contains(where: \.isOfNames) {
            add(
                "packed",
                "\(Quantity.count(symbols.symbolCount, "name")) of \(Quantity.count(symbols.images.count, "image"))")
        }
        return lines
    }
}
