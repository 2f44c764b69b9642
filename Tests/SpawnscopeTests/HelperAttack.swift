/// What a user would send the helper, in Python, run as that user with the helper's path as its argument.
enum HelperAttack {
    static let library = """
        import array, ctypes, mmap, os, select, signal, socket, struct, subprocess, sys, time

        HELPER = sys.argv[1]

        class Helper:
            def __init__(self, **options):
                self.socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                self.socket.settimeout(20)
                self.process = subprocess.Popen([HELPER], stdin=other, stdout=subprocess.DEVNULL, **options)
                other.close()

            def raw(self, data, descriptors=()):
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
                try:
                    self.socket.sendmsg([data], rights)
                    reply, control, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(64))
                except (BrokenPipeError, ConnectionResetError):
                    return None, []
                passed = [n for _, _, d in control for n in array.array("i", d[: len(d) // 4 * 4])]
                return reply, passed

            def ask(self, kind, values=(), descriptors=(), version=None):
                words = list(values) + [0] * (3 - len(values))
                reply, passed = self.raw(struct.pack("<QII3Q", VERSION if version is None else version, kind, 0, *words), descriptors)
                if not reply:
                    return None, "", [], passed
                _, code, length = struct.unpack_from("<QiI", reply)
                return code, reply[176 : 176 + length].decode(), struct.unpack_from("<20Q", reply, 16), passed

            def end(self):
                self.socket.close()
                return self.process.wait(20)

        first = Helper()
        VERSION = struct.unpack_from("<Q", first.raw(b"x")[0])[0]
        first.end()
        OPEN, FOLLOW, ENABLE, LOSSES, FIRST_RUN = 1, 2, 3, 4, 5


        """

    static let requests = """
        def refuses(data, descriptors=()):
            helper = Helper()
            reply, passed = helper.raw(data, descriptors)
            assert not passed and (reply is None or struct.unpack_from("<Qi", reply)[1] != 0), (data[:60], reply)
            assert helper.end() == 1, helper.process.returncode

        good = struct.pack("<QII3Q", VERSION, OPEN, 0, 1 << 20, 4096, 65536)
        for size in (1, 8, 39, 41, 4096, 100000): refuses((good * 3000)[:size])
        refuses(struct.pack("<QII3Q", VERSION + 1, OPEN, 0, 1 << 20, 4096, 65536))
        for kind in (0, 6, 7, 0xffffffff): refuses(struct.pack("<QII3Q", VERSION, kind, 0, 0, 0, 0))
        refuses(struct.pack("<QII3Q", VERSION, OPEN, 1, 1 << 20, 4096, 65536))

        for values in [(0, 0, 0), (3, 0, 0), ((1 << 20) + 1, 0, 0), (1 << 12, 0, 0), (1 << 25, 0, 0), (1 << 40, 0, 0), ((1 << 64) - 1, 0, 0),
                       (1 << 20, (256 << 10) + 1, 0), (1 << 20, (1 << 64) - 1, 0), (1 << 20, 0, (1 << 64) - 1)]:
            helper = Helper()
            code, text, _, passed = helper.ask(OPEN, values)
            assert code and not passed, (values, code, text)
            # It is open to what is right.
            code, text, _, passed = helper.ask(OPEN, (1 << 20, 4096, 65536))
            assert code == 0 and len(passed) == 1, (code, text)
            code, text, _, again = helper.ask(OPEN, (1 << 20, 4096, 65536))
            assert code and not again, "a second ring"
            os.close(passed[0])
            assert helper.end() == 0
        for kind in (FOLLOW, ENABLE, LOSSES, FIRST_RUN):
            helper = Helper()
            code, text, values, passed = helper.ask(kind)
            assert code and not passed and not any(values), (kind, code, values)
            helper.end()
        # More descriptors than one.
        helper = Helper()
        helper.ask(OPEN, (1 << 20, 4096, 65536))
        files = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
        for count in (1, 2, 100, 200):
            assert helper.ask(FOLLOW, (), files[:count])[0], count
        assert helper.ask(ENABLE)[0] == 0
        # It keeps none of them, and not the other end of its own socket either, for which it would live on.
        for _ in range(3): helper.ask(FOLLOW, (), [helper.socket.fileno()] * 2)
        assert helper.end() == 0
        print("all refused")
        """

    static let follows = """
        helper = Helper()
        code, text, _, passed = helper.ask(OPEN, (1 << 20, 4096, 65536))
        assert code == 0, text
        own = subprocess.Popen(["sleep", "30"])
        mine = os.pidfd_open(own.pid)
        assert helper.ask(FOLLOW, (), [mine])[0] == 0
        def is_roots(pid):
            try:
                return os.stat("/proc/" + pid).st_uid == 0
            except FileNotFoundError:
                return False

        others = [1] + [int(p) for p in os.listdir("/proc") if p.isdigit() and is_roots(p)][:50]
        seen = 0
        for pid in others:
            try:
                descriptor = os.pidfd_open(pid)
            except OSError:
                continue
            seen += 1
            for kind in (FOLLOW, FIRST_RUN):
                code, text, values, _ = helper.ask(kind, (), [descriptor])
                assert (code if kind == FOLLOW else not values[0]), (pid, kind, code, text)
            os.close(descriptor)
        assert seen > 2
        # No descriptor, and what is none of a process.
        assert helper.ask(FOLLOW)[0]
        for path in ("/dev/null", "/proc/self/status", "/proc/1/status", "/proc/1"):
            try:
                descriptor = os.open(path, os.O_RDONLY)
            except OSError:
                continue
            assert helper.ask(FOLLOW, (), [descriptor])[0], path
        own.kill(); own.wait()
        assert helper.ask(FOLLOW, (), [mine])[0], "it has ended"
        helper.end()
        print("all refused")
        """

    static let ring = """
        helper = Helper()
        code, text, _, passed = helper.ask(OPEN, (1 << 20, 16384, 65536))
        assert code == 0, text
        ring = passed[0]
        assert helper.ask(FOLLOW, (), [os.pidfd_open(os.getpid())])[0] == 0
        assert helper.ask(ENABLE)[0] == 0
        for _ in range(20): subprocess.run(["/bin/true"])
        # The consumer's page may be written to, the rest not; and the map answers nothing.
        for offset in (4096, 8192):
            try:
                mmap.mmap(ring, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=offset)
                raise SystemExit("the ring may be written to")
            except PermissionError:
                pass
        pages = mmap.mmap(ring, 8192 + (1 << 20), mmap.MAP_SHARED, mmap.PROT_READ, offset=4096)
        count = struct.unpack_from("<Q", pages)[0]
        data = pages[4096 : 4096 + count]
        assert count > 5000, count
        at, kinds, strangers = 0, {}, set()
        while at < count:
            word, _ = struct.unpack_from("<II", data, at)
            length = word & 0x3fffffff
            body = data[at + 8 : at + 8 + length]
            kind, _, pid = struct.unpack_from("<IIi", body)
            kinds[kind] = kinds.get(kind, 0) + 1
            # Behind a creation comes the stack, with what the program has put there.
            for offset in range(0, min(len(body), 384 if kind == 1 else 4096) - 7, 8):
                value = struct.unpack_from("<Q", body, offset)[0]
                if 0xffff800000000000 <= value < 0xffffffffff600000 and value >> 32 != 0xffffffff:
                    raise SystemExit(f"kind {kind} has {value:#x} at {offset}")
            at += (8 + length + 7) & ~7
        assert kinds.get(1, 0) == 20 and kinds.get(6, 0) == 20, kinds
        # A reader that lies about what it has read gets its own records again, or none.
        consumer = mmap.mmap(ring, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=0)
        for value in (0, (1 << 64) - 1, 1 << 63, count + (1 << 30), 8):
            consumer[0:8] = struct.pack("<Q", value)
            for _ in range(5): subprocess.run(["/bin/true"])
            assert helper.ask(LOSSES)[0] == 0
        helper.end()
        print("clean")
        """

    static let crowd = """
        # Those of the test before may be at their end still.
        name = f"spawnscope-capture-user-{os.getuid()}-"
        while name in open("/proc/net/unix").read(): time.sleep(0.05)
        helpers, opened = [Helper() for _ in range(12)], 0
        for helper in helpers:
            code, text, _, _ = helper.ask(OPEN, (1 << 16, 0, 0))
            opened += code == 0
            assert code == 0 or "are the most" in text, text
        for helper in helpers: helper.end()
        # They can be had again.
        again = Helper()
        assert again.ask(OPEN, (1 << 16, 0, 0))[0] == 0
        print(opened)
        """

    static let door = """
        import resource
        # Without the socket, with arguments, with closed descriptors.
        for words in ([HELPER], [HELPER, "--help"], [HELPER, "/etc/shadow"]):
            for stdin in (subprocess.DEVNULL, subprocess.PIPE):
                run = subprocess.run(words, stdin=stdin if stdin != subprocess.PIPE else None, capture_output=True, timeout=20)
                assert run.returncode == 64 and b"started by spawnscope record" in run.stderr and len(run.stderr) < 200, run
        run = subprocess.run(["sh", "-c", "exec $0 <&- >&- 2>&-", HELPER], timeout=20)
        assert run.returncode == 64, run

        # What the environment and limits can do to it is to keep it from working.
        marks = os.path.join(os.getcwd(), "mark")
        os.mkfifo(marks + ".fifo")  # Who opens it for reading waits for ever.
        environment = {
            "SWIFT_DEBUG_LIB_PRESPECIALIZED_PATH": marks + ".fifo",
            "LD_PRELOAD": "/nonexistent.so", "LD_DEBUG": "all", "LD_DEBUG_OUTPUT": marks, "SWIFT_BACKTRACE": "enable=yes,output-to=" + marks,
            "SWIFT_DEBUG_HELP": "1", "MALLOC_TRACE": marks, "GCONV_PATH": marks, "TMPDIR": marks, "SPAWNSCOPE_CACHE": marks,
        }
        helper = Helper(env=environment, stderr=subprocess.PIPE)
        code, text, _, passed = helper.ask(OPEN, (1 << 16, 0, 0))
        assert code == 0, text

        # Its memory and descriptors are not its user's.
        pid = helper.process.pid
        for path in ("mem", "environ", "maps", "fd", "root", "cwd", "exe"):
            try:
                (os.listdir if path in ("fd", "root", "cwd") else lambda p: open(p, "rb").read(1))(f"/proc/{pid}/{path}")
                raise SystemExit(f"/proc/PID/{path} can be read")
            except PermissionError:
                pass
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.ptrace(16, pid, 0, 0) == -1, "it can be traced"
        status = open(f"/proc/{pid}/status").read()
        assert "CapEff:\\t0000000000000000" in status and "CapInh:\\t0000000000000000" in status, status
        permitted = int(status.split("CapPrm:")[1].split()[0], 16)
        assert permitted == 1 << 2 | 1 << 38 | 1 << 39, hex(permitted)
        os.kill(pid, signal.SIGINT); os.kill(pid, signal.SIGHUP)
        assert helper.ask(LOSSES)[0] == 0
        assert helper.end() == 0
        os.unlink(marks + ".fifo")
        assert not [name for name in os.listdir(".") if name.startswith("mark")], os.listdir(".")

        def few(): resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
        def small(): resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))
        for limit in (few, small):
            helper = Helper(preexec_fn=limit, stderr=subprocess.DEVNULL)
            helper.ask(OPEN, (1 << 20, 4096, 4096))
            helper.socket.close()
            helper.process.wait(20)
        print("shut")
        """
}
