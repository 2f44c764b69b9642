internal import ByteAccess
internal import PerfRecords
internal import Session

/// Takes a sample of the joined recorder apart: the events of the model that it stands for, each with its own time, in
/// the order in which they happened.
struct JoinedDecoder {
    private typealias Place = TracepointFormat.Field.Place

    let event: JoinedEvent
    /// The session has a sample of its own for each exec call that was entered.
    private let tellsAttempts: Bool
    private let places: [JoinedEvent.Field: Place]

    /// `nil` for every other tracepoint.
    init?(_ format: TracepointFormat, tellsAttempts: Bool = false) {
        guard let event = JoinedEvent(qualifiedName: format.qualifiedName) else { return nil }
        self.event = event
        self.tellsAttempts = tellsAttempts
        var places: [JoinedEvent.Field: Place] = [:]
        for field in format.fields {
            if let name = JoinedEvent.Field(rawValue: field.name) { places[name] = field.place }
        }
        self.places = places
    }

    /// Appends the events of a sample; nothing if a field is missing from its raw bytes.
    func decode(_ sample: RawSample, in record: borrowing RawSpan, into events: inout [LifecycleDecoder.Step]) {
        let raw = sample.raw
        let own = Values(places: places, raw: raw)
        let process = sample.pid
        func add(
            _ kind: LifecycleEvent.Kind, at time: UInt64, thread: Int32? = nil, name: String? = nil,
            group: UInt64? = nil
        ) {
            let event = LifecycleEvent(kind, process: process, thread: thread ?? sample.tid, time: time, group: group)
            events.append(LifecycleDecoder.Step(event: event, name: name))
        }
        if let ran = own.time(.ran, record) { add(.creationReturned(result: 0), at: ran, thread: process) }
        switch event {
        case .spawn:
            guard let child = own.small(.child, record), let flags = own.bits(.flags, record) else { return }
            if let entered = own.time(.entered, record) { add(.creationBegan, at: entered) }
            if let size = own.spawnerSize(record) { add(.spawnerMeasured(size), at: sample.time) }
            add(
                .created(child: child, cloneFlags: flags), at: sample.time, name: own.text(.comm, record),
                group: own.id(.group, record))
        case .creationReturn:
            guard let result = own.integer(.result, record) else { return }
            if result < 0, let entered = own.time(.entered, record) { add(.creationBegan, at: entered) }
            add(
                .creationReturned(result: result, mayBeThreads: own.integer(.threads, record) != 0), at: sample.time)
        case .execFailed: fail(sample, own, record) { add($0, at: $1, thread: $2, name: $3) }
        case .exec:
            // The thread that made the call has its process's id now.
            if !tellsAttempts, let entered = own.time(.entered, record) {
                add(.attemptBegan(), at: entered, thread: process)
            }
            if let arguments = own.bits(.arguments, record), let environment = own.bits(.environment, record),
                let sizes = ProgramOutput.ImageSizes(checking: arguments, environment)
            {
                add(.imageMeasured(sizes), at: sample.time)
            }
            let file = own.text(.file, record) ?? ""
            events.append(
                LifecycleDecoder.Step(
                    event: LifecycleEvent(
                        .executed(path: own.text(.path, record) ?? "", oldThread: tellsAttempts ? 0 : process),
                        process: process, thread: process, time: sample.time, group: own.id(.group, record)),
                    file: file.isEmpty ? nil : file))
        case .execReturn: add(.attemptEnded(result: 0), at: sample.time)
        case .exit:
            guard let code = own.integer(.code, record) else { return }
            addSender(sample, own, record, &events)
            let signal = Int32(truncatingIfNeeded: code & 0x7f)
            if signal != 0 {
                add(.deadlySignal(signal), at: sample.time)
            } else {
                add(.exitRequested(code: Int32(truncatingIfNeeded: code >> 8 & 0xff), isGroup: true), at: sample.time)
            }
            add(.threadExited(isGroupDead: true), at: sample.time)
        case .wait: endWait(sample, own, record) { add($0, at: $1, thread: $2, name: $3) }
        case .parentTold: add(.parentTold(thread: own.small(.target, record)), at: sample.time)
        case .ring: add(.ringCreated, at: sample.time)
        case .attempt: add(.attemptBegan(), at: sample.time)
        case .attemptsUnseen: add(.attemptsUnseen, at: sample.time)
        case .firstRun, .stack: break
        }
    }

    private typealias Adding = (
        _ kind: LifecycleEvent.Kind, _ time: UInt64, _ thread: Int32?, _ name: String?
    ) -> Void

    private func fail(_ sample: RawSample, _ own: Values, _ record: borrowing RawSpan, _ add: Adding) {
        guard let result = own.integer(.result, record) else { return }
        if !tellsAttempts, let entered = own.time(.entered, record) { add(.attemptBegan(), entered, nil, nil) }
        // The thread ended inside the call, which what follows shows to have failed.
        guard result != 0 else { return }
        if -4095..<0 ~= result {
            var path: String?
            if own.integer(.error, record) == 0, let text = own.range(.path, record) {
                let kept = text.prefix(ProgramOutput.FailedExec.longestPath)
                path = ProgramOutput.FailedExec.shown(
                    record.string(in: kept), isCut: kept.count < text.count,
                    in: own.small(.directory, record) ?? ProgramOutput.FailedExec.workingDirectory)
            }
            add(.attemptFailed(path: path, errno: Int32(truncatingIfNeeded: 0 &- result)), sample.time, nil, nil)
        }
        add(.attemptEnded(result: result), sample.time, nil, nil)
    }

    private func endWait(_ sample: RawSample, _ own: Values, _ record: borrowing RawSpan, _ add: Adding) {
        guard let result = own.integer(.result, record), let which = own.small(.which, record) else { return }
        let began = own.time(.began, record)
        if which >= 0 {
            let options = UInt32(truncatingIfNeeded: own.integer(.options, record) ?? 0)
            add(.waitidBegan(WaitidArguments(which: which, options: options)), began ?? sample.time, nil, nil)
        }
        if let began { add(.waitBegan(child: own.small(.awaited, record) ?? 0), began, nil, nil) }
        guard which >= 0 else {
            guard let child = Int32(exactly: result), child >= 0 else { return }
            return add(.waitReturned(child: child), sample.time, nil, nil)
        }
        if let reaped = own.small(.reaped, record), reaped > 0 { add(.reaped(child: reaped), sample.time, nil, nil) }
        add(.waitidReturned, sample.time, nil, nil)
    }

    /// The last signal that reached the process, as an event of its sender's.
    private func addSender(
        _ sample: RawSample, _ own: Values, _ record: borrowing RawSpan, _ events: inout [LifecycleDecoder.Step]
    ) {
        guard let signal = own.small(.signal, record), signal > 0, let sender = own.small(.sender, record),
            let code = own.integer(.signalCode, record)
        else { return }
        let isKernels = LifecycleDecoder.isKernels(code: code, sender: sender)
        let event = LifecycleEvent(
            .signalSent(signal, toThread: sample.pid, isKernels: isKernels), process: sender, thread: sender,
            time: sample.time)
        events.append(LifecycleDecoder.Step(event: event, name: own.text(.senderComm, record)))
    }

    /// The fields of one sample.
    private struct Values {
        let places: [JoinedEvent.Field: Place]
        let raw: Range<Int>

        func integer(_ field: JoinedEvent.Field, _ record: borrowing RawSpan) -> Int64? {
            places[field]?.integer(in: record, raw: raw)
        }

        func bits(_ field: JoinedEvent.Field, _ record: borrowing RawSpan) -> UInt64? {
            integer(field, record).map { UInt64(bitPattern: $0) }
        }

        func small(_ field: JoinedEvent.Field, _ record: borrowing RawSpan) -> Int32? {
            integer(field, record).map { Int32(truncatingIfNeeded: $0) }
        }

        /// `nil` if it is 0, which is unknown.
        func time(_ field: JoinedEvent.Field, _ record: borrowing RawSpan) -> UInt64? { id(field, record) }

        func id(_ field: JoinedEvent.Field, _ record: borrowing RawSpan) -> UInt64? {
            bits(field, record).flatMap { $0 == 0 ? nil : $0 }
        }

        func range(_ field: JoinedEvent.Field, _ record: borrowing RawSpan) -> Range<Int>? {
            places[field]?.text(in: record, raw: raw)
        }

        func text(_ field: JoinedEvent.Field, _ record: borrowing RawSpan) -> String? {
            range(field, record).map { record.string(in: $0) }
        }

        func spawnerSize(_ record: borrowing RawSpan) -> ProgramOutput.SpawnerSize? {
            // A process has some.
            guard let tables = bits(.tables, record), tables > 0, let resident = integer(.resident, record) else {
                return nil
            }
            return ProgramOutput.SpawnerSize(checking: tables, resident: UInt64(bitPattern: resident))
        }
    }
}
