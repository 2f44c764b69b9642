import Glibc
import KernelPrograms
import LinuxSystem
import PerfData
package import PerfRecords

/// The tracefs mount, where the kernel describes its tracepoints.
package struct TracingDirectory: Sendable {
    package let path: String

    /// Finds tracefs: the first of the usual places and of /proc/mounts where `events/header_page` can be read.
    package static func find() throws(RecordingError) -> TracingDirectory {
        let mounts = (try? SystemFile.bytes("/proc/mounts")) ?? []
        var refused: (path: String, code: Int32)?
        for path in candidates(mounts: mounts) {
            do throws(SystemError) {
                _ = try Self.content(of: path + "/events/header_page")
                return TracingDirectory(path: path)
            } catch  where error.code != ENOENT && error.code != ENOTDIR {
                refused = refused ?? (path, error.code)
            } catch {
                continue
            }
        }
        if let refused { throw .tracingNotReadable(path: refused.path, code: refused.code) }
        throw .tracingNotMounted
    }

    /// Paths to try, in order; `mounts` is the content of /proc/mounts.
    static func candidates(mounts: [UInt8]) -> [String] {
        var paths = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]
        for line in mounts.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count >= 3 else { continue }
            let path = String(decoding: MountField.unescaped(fields[1]), as: UTF8.self)
            switch String(decoding: fields[2], as: UTF8.self) {
            case "tracefs": paths.append(path)
            case "debugfs": paths.append(path + "/tracing")
            default: continue
            }
        }
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }

    /// Reads a file with CAP_DAC_READ_SEARCH. Names in tracefs are fixed or plain tracepoint names, so that it reads
    /// nothing else.
    private static func content(of file: String) throws(SystemError) -> [UInt8] {
        try Privileges.raised(.dacReadSearch) { () throws(SystemError) in try SystemFile.bytes(file) }
    }

    package func read(_ name: String) throws(RecordingError) -> [UInt8] {
        let file = path + "/" + name
        do throws(SystemError) {
            return try Self.content(of: file)
        } catch {
            throw .tracingNotReadable(path: file, code: error.code)
        }
    }

    /// A tracepoint's number alone; `nil` if this kernel has no such tracepoint, or does not show it.
    func id(_ name: TracepointName) -> UInt64? {
        let text = try? Self.content(of: path + "/events/" + name.system + "/" + name.event + "/id")
        return text.flatMap { UInt64(String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) }
    }

    /// A tracepoint's description, `nil` when this kernel has no such tracepoint.
    package func describe(_ name: TracepointName) throws(RecordingError) -> TracepointDescription? {
        let file = path + "/events/" + name.system + "/" + name.event + "/format"
        do throws(SystemError) {
            return TracepointDescription(system: name.system, text: try Self.content(of: file))
        } catch  where error.code == ENOENT || error.code == ENOTDIR {
            return nil
        } catch {
            throw .tracingNotReadable(path: file, code: error.code)
        }
    }
}
