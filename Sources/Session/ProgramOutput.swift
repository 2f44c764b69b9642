internal import ByteAccess
package import PerfRecords

/// What the recorder's BPF programs write into `bpf-output` events because no tracepoint has it. The raw value is the
/// event's name in the session.
package enum ProgramOutput: String, Hashable, Sendable, CaseIterable {
    /// A failed execve or execveat: `FailedExec`.
    case failedExec = "spawnscope:failed_exec"
    /// A waitid for any child, or any of a process group, has reaped one: `{ s32 pid; s32 si_code; s32 si_status; }`.
    case reaped = "spawnscope:reaped"
    /// A successful exec, just before its `sched:sched_process_exec`: `ImageSizes`.
    case imageSizes = "spawnscope:image_sizes"
    /// The creation of a process, just before its `task:task_newtask`: `SpawnerSize`.
    case spawnerSize = "spawnscope:spawner_size"

    /// `nil` for every other event.
    package init?(name: String, attributes: EventAttributes) {
        guard attributes.type == EventAttributes.Kind.software,
            attributes.config == EventAttributes.Software.bpfOutput
        else { return nil }
        self.init(rawValue: name)
    }

    /// The child in a sample of `.reaped`, by its pid in the waiter's pid namespace; `nil` if the sample is too short.
    package static func reapedChild(in record: borrowing RawSpan, raw: Range<Int>) -> Int32? {
        raw.count >= 12 ? record.load(Int32.self, at: raw.lowerBound) : nil
    }

    /// A sample of `.imageSizes`: `{ u64 arguments; u64 environment; }`, the bytes of the strings that a new program
    /// was given, including their NULs.
    package struct ImageSizes: Hashable, Sendable {
        package var arguments: UInt64
        package var environment: UInt64

        package init(arguments: UInt64, environment: UInt64) {
            self.arguments = arguments
            self.environment = environment
        }

        /// `nil` if the bytes are no such record: no address space has room for `limit` bytes.
        package init?(in record: borrowing RawSpan, raw: Range<Int>) {
            guard raw.count >= 16, let arguments = record.load(UInt64.self, at: raw.lowerBound),
                let environment = record.load(UInt64.self, at: raw.lowerBound &+ 8)
            else { return nil }
            self.init(checking: arguments, environment)
        }

        /// `nil` if no address space has room for this.
        package init?(checking arguments: UInt64, _ environment: UInt64) {
            guard arguments < limit, environment < limit else { return nil }
            self.init(arguments: arguments, environment: environment)
        }
    }

    /// A sample of `.spawnerSize`: `{ u64 page_tables; s64 resident; }`, in bytes.
    package struct SpawnerSize: Hashable, Sendable {
        package var pageTables: UInt64
        /// The kernel's approximate count; `nil` if it is not known.
        package var resident: UInt64?

        package init(pageTables: UInt64, resident: UInt64?) {
            self.pageTables = pageTables
            self.resident = resident
        }

        /// `nil` if the bytes are no such record.
        package init?(in record: borrowing RawSpan, raw: Range<Int>) {
            guard raw.count >= 16, let pageTables = record.load(UInt64.self, at: raw.lowerBound),
                let resident = record.load(UInt64.self, at: raw.lowerBound &+ 8)
            else { return nil }
            self.init(checking: pageTables, resident: resident)
        }

        /// `nil` if no address space has page tables of this size; so with the resident memory.
        package init?(checking pageTables: UInt64, resident: UInt64) {
            guard pageTables < limit else { return nil }
            self.init(pageTables: pageTables, resident: resident < limit ? resident : nil)
        }
    }

    private static let limit: UInt64 = 1 << 57

    /// A sample of `.failedExec`: `{ s32 result; s32 directory; s32 length; char path[]; }`.
    package struct FailedExec: Hashable, Sendable {
        package var errno: Int32
        /// As passed, except that one relative to a directory descriptor is as the kernel shows it (`/dev/fd/5/name`);
        /// `nil` if it could not be read. One of more than `longestPath` bytes is cut and ends in `cutMark`.
        package var path: String?

        package static let longestPath = 256
        package static let cutMark = "[...]"
        private static let headerSize = 12
        /// `AT_FDCWD` of linux/fcntl.h.
        package static let workingDirectory: Int32 = -100

        /// `nil` if the bytes are no such record.
        package init?(in record: borrowing RawSpan, raw: Range<Int>) {
            guard raw.count >= Self.headerSize, let result = record.load(Int32.self, at: raw.lowerBound),
                let directory = record.load(Int32.self, at: raw.lowerBound &+ 4),
                let length = record.load(Int32.self, at: raw.lowerBound &+ 8), -4095..<0 ~= result
            else { return nil }
            errno = 0 &- result
            // A length of 0 is an empty path: some kernels, such as 5.10, do not count its NUL.
            guard length >= 0 else { return }
            let start = raw.lowerBound &+ Self.headerSize
            let held = start..<min(start &+ Int(length), raw.upperBound)
            let count = record.stringLength(in: held)
            path = Self.shown(
                record.string(in: start..<start &+ min(count, Self.longestPath)), isCut: count > Self.longestPath,
                in: directory)
        }

        /// A path of which no more than `longestPath` bytes were kept, as the kernel shows it.
        package static func shown(_ kept: String, isCut: Bool, in directory: Int32) -> String {
            shown(isCut ? kept + cutMark : kept, in: directory)
        }

        /// A path as the kernel shows it that was passed with a directory's descriptor.
        package static func shown(_ name: String, in directory: Int32) -> String {
            if directory == workingDirectory || name.hasPrefix("/") { return name }
            return name.isEmpty ? "/dev/fd/\(directory)" : "/dev/fd/\(directory)/\(name)"
        }
    }
}
