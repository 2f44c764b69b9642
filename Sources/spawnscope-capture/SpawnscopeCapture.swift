import CHelperStart
import Glibc
import KernelPrograms
import LinuxSystem

/// The helper for who may not record: with file capabilities it loads and attaches the joined recorder's programs for the
/// user who started it, and hands over the ring that they write into. It is started by `spawnscope record`, with a
/// SOCK_SEQPACKET socket as its standard input, and ends when that is closed.
///
/// It takes no arguments, believes nothing of its environment, opens no path that its user names, and writes no file. What it follows are
/// its user's own processes and what these create; memory is read of those alone that have the user's rights and no more.
@main
struct SpawnscopeCapture {
    static func main() {
        chelper_start()
        do throws(PrivilegesError) {
            try Privileges.lower(recording: true)
        } catch {
            end("spawnscope-capture: \(error)", status: 77)
        }
        // A signal from the terminal is for the command; the end of the socket is the end.
        for number in [SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGTSTP] { signal(number, SIG_IGN) }
        signal(SIGCHLD, SIG_DFL)
        OwnedDescriptor.holdStandardStreams()
        guard CommandLine.argc == 1, HelperSocket.isOne(0) else {
            end("spawnscope-capture: it is started by spawnscope record, which talks to it", status: 64)
        }
        HelperServer(HelperSocket(OwnedDescriptor(0))).serve()
    }

    private static func end(_ text: String, status: Int32) -> Never {
        let bytes = Array((text + "\n").utf8)
        _ = unsafe write(2, bytes, bytes.count)
        exit(status)
    }
}
