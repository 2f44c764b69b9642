internal import CLinuxSystem
internal import Glibc

/// A process that downloads files. It gives up its rights like a worker, but has no seccomp filter, since it needs the
/// network and a cache. What it downloads is parsed elsewhere.
package final class FetchingProcess {
    private let pid: pid_t
    private let socket: OwnedDescriptor

    /// `fetch` runs in the process and returns a descriptor, or a negative number if there is no file.
    package init(_ fetch: (_ buildID: [UInt8], _ isProgram: Bool) -> Int32) throws(SystemError) {
        let sockets = try SocketPair()
        let identity = WorkerIdentity.ofThisProcess
        let cache = identity.flatMap(Self.cache)
        let pid = clinux_fork()
        guard pid >= 0 else { throw SystemError(-pid) }
        if pid == 0 { Self.run(sockets.childs.number, identity, cache, fetch) }
        self.pid = pid
        socket = sockets.takeOwn()
    }

    deinit {
        // The process reads end of file, removes its cache and exits.
        _ = shutdown(socket.number, Int32(SHUT_RDWR))
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    package func fetch(_ buildID: [UInt8], isProgram: Bool) -> Int32? {
        let question = [isProgram ? 1 : 0] + buildID.prefix(64)
        guard unsafe clinux_send(socket.number, question, question.count, -1) == question.count else { return nil }
        var number: Int32 = -1
        var answer: UInt8 = 0
        guard unsafe clinux_receive(socket.number, &answer, 1, &number) == 1 else { return nil }
        return number >= 0 ? number : nil
    }

    private static func run(
        _ socket: Int32, _ identity: WorkerIdentity?, _ cache: String?, _ fetch: ([UInt8], Bool) -> Int32
    ) -> Never {
        unsafe clinux_close_all_but([socket], 1)
        if let cache { unsafe setenv("DEBUGINFOD_CACHE_PATH", cache, 1) }
        let gaveUp: Int32
        if let identity {
            var ids = clinux_identity(user: identity.user, group: identity.group)
            gaveUp = unsafe clinux_give_up_rights(&ids, 0)
        } else {
            gaveUp = clinux_give_up_rights(nil, 0)
        }
        guard gaveUp >= 0 else { _exit(Worker.unconfined) }
        var question = [UInt8](repeating: 0, count: 65)
        var number: Int32 = -1
        while true {
            let count = unsafe clinux_receive(socket, &question, question.count, &number)
            guard count > 0 else { break }
            let file = OwnedDescriptor(fetch(Array(question[1..<count]), question[0] == 1))
            var answer: UInt8 = 1
            guard unsafe clinux_send(socket, &answer, 1, file.number) == 1 else { break }
        }
        if let cache { unsafe clinux_remove_tree(cache) }
        _exit(0)
    }

    /// Creates a cache for this run, unless DEBUGINFOD_CACHE_PATH names one: the process cannot use root's cache, and
    /// must not use another user's.
    private static func cache(_ identity: WorkerIdentity) -> String? {
        guard unsafe getenv("DEBUGINFOD_CACHE_PATH") == nil else { return nil }
        var template = Array("\(FileOpener.temporaryDirectory)/spawnscope-debuginfod.XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { return nil }
        // Changes the owner by descriptor, since the directory around it may be another user's.
        let made = OwnedDescriptor(unsafe open(template, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
        var status = stat()
        guard made.number >= 0, unsafe fstat(made.number, &status) == 0, status.st_uid == geteuid(),
            fchown(made.number, identity.user, identity.group) == 0
        else { return nil }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
