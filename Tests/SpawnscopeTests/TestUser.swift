import Glibc
import TestSupport

/// A user of the machine's, with a group beside the primary one, a home and, if asked, the right to everything by sudo without a
/// password; all of it goes with this.
final class TestUser {
    let name: String
    let uid: UInt32
    let gid: UInt32
    /// A directory that everyone may look into, with a copy of the program under test.
    let directory: String
    var home: String { directory + "/home" }
    var program: String { directory + "/spawnscope" }
    var team: String { name + "-team" }
    private var sudoers: String { "/etc/sudoers.d/\(name)" }

    struct Failure: Error { var text: String }

    init(sudo: Bool = false) throws {
        name = "ss-\(UInt32.random(in: 0...0xffff_ffff))"
        directory = "/tmp/\(name)"
        let script = """
            set -e; n=$1; d=$2; umask 022
            mkdir "$d"; chmod 755 "$d"
            groupadd "$n-team"
            useradd -M -U -d "$d/home" -s /bin/sh -G "$n-team" "$n"
            mkdir "$d/home"; chown "$n:" "$d/home"; chmod 700 "$d/home"
            cp "$3" "$d/spawnscope"; chmod 755 "$d/spawnscope"
            cp "$(dirname "$3")/spawnscope-capture" "$d/"; chmod 755 "$d/spawnscope-capture"
            if [ "$4" = true ]; then
              (umask 0337; printf '%s ALL=(ALL) NOPASSWD: ALL\\n' "$n" >"/etc/sudoers.d/$n")
            fi
            id -u "$n"; id -g "$n"
            """
        let run = try ProgramRun(
            "/bin/sh", "-c", script, "sh", name, directory, PerfPrivileges.program, sudo ? "true" : "false")
        let numbers = run.lines.compactMap { UInt32($0) }
        uid = numbers.first ?? 0
        gid = numbers.last ?? 0
        guard run.status == 0, uid != 0, numbers.count == 2 else {
            Self.remove(name, directory)
            throw Failure(text: run.error)
        }
    }

    deinit { Self.remove(name, directory) }

    private static func remove(_ name: String, _ directory: String) {
        // Programs of theirs may be at their end still, as what closes a recorder's events behind it: -f.
        let script = """
            rm -f -- "/etc/sudoers.d/$1"
            userdel -f "$1"; groupdel "$1-team"; groupdel "$1"; rm -rf -- "$2"
            """
        _ = try? ProgramRun("/bin/sh", "-c", script, "sh", name, directory)
    }

    /// Runs a shell's script as this user, in their home, with a login's environment. `$program` is the program under test.
    func shell(_ script: String, _ arguments: String...) throws -> ProgramRun {
        try ProgramRun(
            ["runuser", "-l", name, "-c", "program=\(program); n=\(name); \(script)"] + arguments)
    }
}
