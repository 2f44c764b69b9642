// Starts /bin/true COUNT times by posix_spawn, one after the other: spawn_loop_swift COUNT
import Glibc

enum Failure: Error {
    case spawn(Int32), wait(Int32)
}

@inline(never)
func runTool() throws(Failure) {
    var pid: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
    let code = posix_spawn(&pid, "/bin/true", nil, nil, &arguments, environ)
    free(arguments[0])
    guard code == 0 else { throw .spawn(code) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
        guard errno == EINTR else { throw .wait(errno) }
    }
    guard status == 0 else { throw .wait(status) }
}

@inline(never)
func runTools(_ count: Int) throws(Failure) {
    for _ in 0..<count { try runTool() }
}

guard CommandLine.arguments.count == 2, let count = Int(CommandLine.arguments[1]) else {
    print("usage: spawn_loop_swift COUNT")
    exit(64)
}
try runTools(count)
print("spawned \(count)")
