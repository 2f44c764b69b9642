import LinuxSystem
import PerfData

extension Recording {
    /// Enables the events, and writes records of what existed before.
    mutating func start(_ workload: borrowing Workload, session: inout SessionWriter) throws(RecordingError) {
        let records = SyntheticRecords(
            time: started.startMonotonic, identifier: source.ids.first?.first ?? 0)
        try append(startingRecords(records), to: &session)
        try source.enable()
        try followRoots(workload)
        // Read with the events enabled: changes made meanwhile are in the rings.
        var found: Set<Int32> = []
        try workload.forEachRunning(records) { process, bytes throws(RecordingError) in
            found.insert(process.pid)
            let root = foreignRoots.hold(process.pid)
            // With the whole machine recorded, processes in the recorder's root are skipped: hardly one is about to
            // create the first process of a pid namespace.
            if root != nil || started.rootProcesses != nil {
                namespaceChanges.note(running: process.pid, at: started.startMonotonic, root: root)
            }
            try append(bytes, to: &session)
        }
        if let roots = started.roots { started.roots = found.union(roots).sorted() }
    }

    /// Follows what runs already, thread by thread, until nothing more is found: what a thread creates once it is followed
    /// is followed, too.
    private func followRoots(_ workload: borrowing Workload) throws(RecordingError) {
        var followed: Set<Int32> = []
        while true {
            let threads = (workload.roots() ?? []).flatMap { DirectoryEntries.numbers(in: "/proc/\($0)/task") }
            let new = threads.filter { !followed.contains($0) }
            guard !new.isEmpty else { return }
            for thread in new {
                followed.insert(thread)
                try source.follow(thread: thread)
            }
        }
    }

    private func append(_ records: [UInt8], to session: inout SessionWriter) throws(RecordingError) {
        guard fits(UInt64(records.count), in: session) else {
            throw .usage("--max-size is too small for what runs already: give it more")
        }
        do throws(SessionWriteError) {
            try session.append(records)
        } catch {
            throw .session(error)
        }
    }

    /// Records of the kernel's text, and of the command process's name before its exec.
    private mutating func startingRecords(_ records: SyntheticRecords) -> [UInt8] {
        var bytes: [UInt8] = []
        // perf report warns if a session lacks the kernel's map, whether or not a kernel address was sampled.
        let maps = KernelMaps.read()
        if maps.isEmpty, started.plan.samplesKernelAddresses {
            end.notes.append("kernel frames have no names: kernel.kptr_restrict hides the addresses")
        }
        for map in maps {
            bytes += records.kernelMap(name: map.name, start: map.start, length: map.length, pageOffset: map.pageOffset)
        }
        if started.plan.tellsGroups {
            var paths = ControlGroupPaths(.ofEvents)
            paths.forEach { id, path in
                bytes += records.controlGroup(id: id, path: path)
                return true
            }
            if paths.wasCut { end.notes.append(GroupRecords.note) }
        }
        guard let child else { return bytes }
        let comm = (try? SystemFile.bytes("/proc/\(child.pid)/comm", limit: 64)) ?? Array("spawnscope".utf8)
        return bytes + records.comm(pid: child.pid, name: comm.prefix { $0 != UInt8(ascii: "\n") })
    }
}
