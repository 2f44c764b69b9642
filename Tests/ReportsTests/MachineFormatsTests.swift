import FoundationEssentials
import Reports
import Session
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

/// JSON and CSV of names that no format likes.
@Suite struct MachineFormatsTests {
    private static let names = [
        "plain", "with \"quotes\" and \\", "a\nb\tc\r\n", "\u{0}\u{1b}[31m\u{7f}\u{9b}", "ü \u{202e} 🎛 \u{2028}", "",
        ",;", "'",
        "=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\u{ff1d}1", "\u{ff0b}1", "\u{ff0d}1", "\u{ff20}x", "\t=1",
        "  =1",
        "a;=1", "\u{61c}\u{200b}\u{e0001}\u{f0000}", "a=b-c",
    ]

    private struct Decoded: Decodable {
        struct Site: Decodable {
            var id: Int
            var stack: [String]
            var comm: String
        }
        struct Program: Decodable {
            var path: String
            var spawns: Int
        }
        struct Listed: Decodable {
            var pid: Int
            var path: String?
            var callsite: Int
        }
        struct Failed: Decodable {
            var path: String?
            var errno: String
        }
        var schema: String
        var callsites: [Site]
        var programs: [Program]
        var spawns: [Listed]?
        var failures: [Failed]
    }

    private var spawns: [MadeSpawn] {
        Self.names.enumerated().map { index, name in
            var made = MadeSpawn(pid: Int32(index), path: name)
            made.stack = [name, "\(index)"]
            made.comm = name
            made.search([name], nanoseconds: 10)
            return made
        }
    }

    private func json(listsSpawns: Bool) throws -> Decoded {
        var json = JSONReport(listsSpawns: listsSpawns)
        var bytes: [UInt8] = []
        var aggregate = SpawnAggregate()
        for made in spawns {
            aggregate.add(made)
            if let site = aggregate.callSites.last { json.add(ReportedSpawn(made.spawn, callSite: site)) }
            bytes += json.take()
        }
        json.finish(SpawnAggregate.report(of: spawns))
        bytes += json.take()
        // Fit for a terminal, whatever is in it.
        #expect(!String(decoding: bytes, as: UTF8.self).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        return try JSONDecoder().decode(Decoded.self, from: Data(bytes))
    }

    @Test func everyNameComesBackFromJSON() throws {
        let report = try json(listsSpawns: true)
        #expect(report.schema == "spawnscope.report/1")
        #expect(
            Set(report.callsites.map(\.comm)) == Set(Self.names) && Set(report.programs.map(\.path)) == Set(Self.names))
        #expect(report.callsites.allSatisfy { $0.stack.first == $0.comm })
        #expect(
            Set(report.failures.map(\.path)) == Set(Self.names) && report.failures.allSatisfy { $0.errno == "ENOENT" })
        #expect(
            report.spawns?.map(\.path) == Self.names && report.spawns?.map(\.callsite) == Array(1...Self.names.count))
        #expect(try json(listsSpawns: false).spawns == nil)
    }

    @Test func theColumnsAndFieldsOfCSV() {
        var csv = CSVReport(SessionOrigin(id: "an-id", host: "h,1", startWall: 7, recorder: "events"))
        var aggregate = SpawnAggregate()
        for made in spawns {
            aggregate.add(made)
            if let site = aggregate.callSites.last { csv.add(made.spawn, callSite: site) }
        }
        let rows = String(decoding: csv.take(), as: UTF8.self).split(separator: "\r\n")
        #expect(rows.count == Self.names.count + 1 && csv.take().isEmpty)
        let columns = """
            pid,ppid,method,outcome,path,callsite,stack,comm,execs,failed_attempts,unreaped,orphaned,unfinished,status,signal,\
            start_ns,total_ns,blocked_ns,create_ns,wake_ns,prepare_ns,search_ns,exec_ns,link_ns,run_ns,reap_ns,argv_bytes,\
            environment_bytes,spawner_page_table_bytes,spawner_resident_bytes,signal_from,signal_from_pid,signal_from_comm,\
            programs,session_id,session_host,session_start_wall_ns,session_recorder,container,pod,unit
            """
        #expect(rows[0] == columns)
        // No field of the first row has a comma but the host.
        #expect(rows[1].split(separator: ",", omittingEmptySubsequences: false).count == 41 + 1)
        #expect(rows[1].hasPrefix("0,50,vfork,executed,plain,1,plain;0,plain,1,1,0,0,0,,,1000000000,2050000,100000,"))
        // Sizes that are not known are empty.
        #expect(rows[1].hasSuffix(",10000,20000,30000,10,40000,,1899990,50000,,,,,,,,plain,an-id,\"h,1\",7,events,,,"))
        #expect(rows[2].contains(",\"with \"\"quotes\"\" and \\\",2,"))
        // A line break would be a row of its own to many readers, an escape a command to a terminal.
        #expect(rows[3].contains(",a\\u{a}b\\u{9}c\\u{d}\\u{a},3,"))
        #expect(rows[4].contains(",\\u{0}\\u{1b}[31m\\u{7f}\\u{9b},4,"))
        #expect(rows[7].contains(",\",;\",7,"))
        #expect(rows[8].contains(",',8,"))
        // What a spreadsheet would run is text to it, and numbers stay numbers.
        let cells = rows[9...].map { $0.split(separator: ",")[4] }
        #expect(
            cells == [
                "\"'=cmd|'/C calc'!A0\"", "\"'+1\"", "\"'-2+3\"", "\"'@SUM(A1)\"", "\"'\u{ff1d}1\"", "\"'\u{ff0b}1\"",
                "\"'\u{ff0d}1\"", "\"'\u{ff20}x\"", "\\u{9}=1", "\"  '=1\"", "\"a;'=1\"",
                "\\u{61c}\\u{200b}\\u{e0001}\\u{f0000}", "a=b-c",
            ])
    }

    /// A control group's name is chosen by whoever may make one.
    @Test func hostileNamesOfGroups() throws {
        let id = String(repeating: "0123456789abcdef", count: 4)
        let group = ControlGroupName(path: "/docker/\(id)/=cmd,\"\u{1b}[2J\r\n\u{202e}.service")
        #expect(group.container == id && group.unit == "=cmd,\"\u{1b}[2J\r\n\u{202e}.service")
        let made = MadeSpawn()
        var aggregate = SpawnAggregate()
        aggregate.add(made)
        let site = try #require(aggregate.callSites.last)
        var csv = CSVReport(SessionOrigin())
        csv.add(made.spawn, callSite: site, group: group)
        let rows = String(decoding: csv.take(), as: UTF8.self).split(separator: "\r\n")
        #expect(rows.count == 2)
        #expect(rows[1].hasSuffix(",\(id),,\"'=cmd,\"\"\\u{1b}[2J\\u{d}\\u{a}\\u{202e}.service\""))
        var json = JSONReport(listsSpawns: true)
        json.add(ReportedSpawn(made.spawn, callSite: site, group: group))
        json.finish(SpawnAggregate.report(of: [made]))
        let bytes = json.take()
        #expect(!String(decoding: bytes, as: UTF8.self).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        struct Decoded: Decodable {
            struct Listed: Decodable {
                var container: String?
                var pod: String?
                var unit: String?
            }
            var spawns: [Listed]
        }
        let listed = try #require(try JSONDecoder().decode(Decoded.self, from: Data(bytes)).spawns.first)
        #expect(listed.container == id && listed.pod == nil && listed.unit == group.unit)
    }
}
