internal import ELFImages

/// What is known of a process that compiles code as it runs.
struct JITProcess {
    var process: Int32
    /// When its program began, by the session's clock; `nil` if before the recording.
    var since: UInt64?
    /// The `jit-PID.dump` that it had mapped, with the inode that it had.
    var dump: Dump?

    struct Dump: Equatable {
        var path: String
        var inode: UInt64?
    }
}

/// A dump that was read, and the image whose names it gives.
struct JITHistory {
    var timeline: JITTimeline
    /// The image that stands for all stretches of time.
    var image: Int
    /// When the names change next.
    var next: UInt64 = 0
}

/// The code of one JIT compiler in a packed session, which has an image for each stretch of time.
struct PackedJITHistory {
    /// When each stretch but the first begins, ascending.
    var starts: [UInt64]
    var image: Int
    var next: UInt64 = 0
}

/// The images of JIT compilers' code. Each has the path `/tmp/perf-PID.map` of its process, whichever file names the
/// code. If the code at an address changes over time, each stretch of time has an image of its own with that path,
/// whose build ID is the time at which the stretch begins: eight bytes, big-endian.
extension ImageStore {
    /// Notes that `image` is the code that a process compiles. Returns whether names found in it earlier may have
    /// changed.
    @discardableResult
    mutating func note(jit image: Int, _ process: Int32, since: UInt64?) -> Bool {
        if let known = jitProcesses[image], known.process == process, known.since == since { return false }
        // Another process with the same pid: the names of the earlier one's code do not apply.
        let isKnown = jitProcesses[image] != nil
        if isKnown { forget(jit: image) }
        jitProcesses[image] = JITProcess(process: process, since: since)
        return isKnown
    }

    /// Notes that a process had a `jit-PID.dump` mapped.
    mutating func note(dump: JITProcess.Dump, image: Int, _ process: Int32, since: UInt64?) {
        note(jit: image, process, since: since)
        guard jitProcesses[image]?.dump != dump else { return }
        jitProcesses[image]?.dump = dump
        forget(jit: image)
    }

    private mutating func forget(jit image: Int) {
        images[image].forget()
        jitHistories.removeAll { $0.image == image }
        packedJITHistories.removeAll { $0.image == image }
    }

    /// Moves JIT images forward to a time. Returns whether names found earlier may have changed.
    mutating func advance(to time: UInt64) -> Bool {
        now = max(now, time)
        guard now >= nextJITChange else { return false }
        nextJITChange = .max
        for (place, history) in jitHistories.enumerated() {
            if now >= history.next { jitHistories[place].next = enter(history) }
            nextJITChange = min(nextJITChange, jitHistories[place].next)
        }
        for (place, history) in packedJITHistories.enumerated() {
            if now >= history.next { packedJITHistories[place].next = enter(history) }
            nextJITChange = min(nextJITChange, packedJITHistories[place].next)
        }
        return true
    }

    /// Loads the stretches of time that a packed session has for an image.
    mutating func loadPackedJIT(_ index: Int) {
        let path = images[index].path
        let starts = settings.packed?.images.filter { $0.source == .jitMap && $0.path == path }.compactMap {
            $0.buildID.flatMap(UInt64.init(bigEndianBytes:))
        }
        guard let starts, !starts.isEmpty, images[index].buildID == nil else { return }
        var history = PackedJITHistory(starts: starts.sorted(), image: index)
        history.next = enter(history)
        nextJITChange = min(nextJITChange, history.next)
        packedJITHistories.append(history)
    }

    /// Switches an image to the current stretch of time; returns when it changes next.
    private mutating func enter(_ history: PackedJITHistory) -> UInt64 {
        let next = history.starts.firstIndex { $0 > now } ?? history.starts.count
        let change = next < history.starts.count ? history.starts[next] : .max
        let whole = images[history.image]
        guard next > 0 else {
            whole.present = nil
            return change
        }
        let index = image(path: whole.path, buildID: history.starts[next - 1].bigEndianBytes, source: .jitMap)
        whole.present = index
        if images[index].table == nil { setPacked(images[index]) }
        return change
    }

    private mutating func enter(_ history: JITHistory) -> UInt64 {
        let stretch = history.timeline.index(at: now)
        let change = history.timeline.end(of: stretch)
        let whole = images[history.image]
        guard stretch > 0 else {
            whole.present = nil
            return change
        }
        let beginning = history.timeline.starts[stretch]
        let index = image(path: whole.path, buildID: beginning.bigEndianBytes, source: .jitMap)
        // Time only moves forward: the stretch before this one is not looked up again.
        let before = whole.present.map { images[$0] } ?? whole
        if before !== images[index] { before.keepMetSymbols() }
        whole.present = index
        if images[index].table == nil { set(history.timeline.table(stretch), for: images[index]) }
        return change
    }

    /// Reads the names of a JIT image's code: from the dump that its process had mapped, else from its map.
    mutating func loadJIT(_ index: Int) {
        let image = images[index]
        if let distrust = settings.distrust, settings.otherMachine?.isOtherHost == true {
            addOnce(distrust)
            set(SymbolTable(), for: image)
            return
        }
        let files = JITFiles(settings: settings, style: style, processes: recordedProcesses)
        if style == .best, let known = jitProcesses[index], let dump = known.dump {
            do throws(ImageError) {
                let dump = try files.dump(dump, of: known, machine: machine)
                if let reason = dump.problem {
                    add(ImageError(path: known.dump?.path ?? image.path, reason: .jitDump(reason)))
                }
                if dump.hasLongNames { add(ImageError(path: known.dump?.path ?? image.path, reason: .longNames)) }
                var history = JITHistory(
                    timeline: JITTimeline(dump, isTimed: settings.hasMonotonicTimes), image: index)
                set(history.timeline.table(0), for: image)
                history.next = enter(history)
                nextJITChange = min(nextJITChange, history.next)
                jitHistories.append(history)
                return
            } catch {
                // The map may name what the dump does not.
                add(error)
            }
        }
        let map = files.map(image.path, of: jitProcesses[index])
        for problem in map.problems { add(problem) }
        let lines = SymbolLines.jitMap(map.bytes)
        if lines.isCut { add(ImageError(path: image.path, reason: .jitFile(.cut))) }
        if lines.hasLongNames { add(ImageError(path: image.path, reason: .longNames)) }
        set(SymbolTable(jitMap: lines.symbols, view: style == .perf ? SymbolView.perf : .best), for: image)
    }
}

extension UInt64 {
    fileprivate init?(bigEndianBytes bytes: [UInt8]) {
        guard bytes.count == 8 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    fileprivate var bigEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * $0)) } }
}
