import Glibc
import TestSupport
import Testing

/// What a command is like that a real sudo(8) has recorded, with `-u` and without.
@Suite(.enabled(if: PerfPrivileges.available), .serialized) struct PrivilegedSudoTests {
    /// What a process can tell of itself, one fact a line.
    private static let facts = """
        echo "uid $(id -u) gid $(id -g) groups $(id -G)"; echo "names $(id -un) $(id -Gn)"; echo "home $HOME"; \
        echo "user $USER $LOGNAME"; echo "umask $(umask)"; echo "sudo ${SUDO_UID-none} ${SUDO_USER-none}"; \
        grep CapEff /proc/self/status
        """

    @Test func withItTheCommandIsTheCallers() throws {
        let user = try TestUser(sudo: true)
        let bare = try user.shell(Self.facts)
        let run = try user.shell("sudo -n $program record -q -u $n -o s.data -- sh -c '\(Self.facts)'")
        #expect(run.status == 0 && run.error == "")
        // Everything is as without sudo and without a recorder.
        #expect(run.output == bare.output)
        #expect(run.output.contains("uid \(user.uid) gid \(user.gid) groups \(user.gid) "))
        #expect(run.output.contains("names \(user.name) \(user.name) \(user.team)\n"))
        #expect(run.output.contains("home \(user.home)\nuser \(user.name) \(user.name)\n"))
        #expect(run.output.contains("CapEff:\t0000000000000000\n"))
        let descriptors = try user.shell("sudo -n $program record -q -u $n -o s.data -- ls /proc/self/fd")
        #expect(descriptors.output == "0\n1\n2\n3\n")
        // Becoming the user is no spawn.
        let plain = try user.shell("sudo -n $program record -o s.data -- sh -c '/bin/true; /bin/true; :'")
        let other = try user.shell("sudo -n $program record -u $n -o s.data -- sh -c '/bin/true; /bin/true; :'")
        #expect(plain.error.contains("2 spawns in ") && other.error.contains("2 spawns in "), "\(other.error)")
    }

    @Test func withoutItTheCommandIsRoots() throws {
        let user = try TestUser(sudo: true)
        let run = try user.shell("sudo -n $program record -q -o s.data -- sh -c '\(Self.facts)'")
        #expect(run.status == 0 && run.error == "")
        #expect(run.output.contains("uid 0 gid 0 groups 0\nnames root root\nhome /root\nuser root root\n"))
        #expect(run.output.contains("sudo \(user.uid) \(user.name)\n"))
    }

    /// The session, its predecessor, results, and the process that looks at them are the caller's.
    @Test func whatIsWrittenIsTheCallers() throws {
        let user = try TestUser(sudo: true)
        let run = try user.shell(
            """
            umask 000; sudo -n $program record -q -o s.data -- /bin/true; sudo -n $program record -q -o s.data -- /bin/true
            sudo -n $program record -q --no-pack -o raw.data -- /bin/true; sudo -n $program pack -q raw.data
            sudo -n $program flamegraph -q -o f.svg s.data; sudo -n $program record -q -o - -- /bin/true >stream 2>/dev/null
            stat -c '%u %g %a %n' s.data s.data.old raw.data; stat -c '%u %g %n' f.svg; ls -A
            sudo -n strace -f -qq -e trace=setresuid,setresgid -o trace $program info s.data >info; sudo -n cat trace
            """)
        let mine = "\(user.uid) \(user.gid)"
        #expect(
            run.lines.prefix(3) == ["\(mine) 600 s.data", "\(mine) 600 s.data.old", "\(mine) 600 raw.data"],
            "\(run.output)")
        #expect(run.lines.dropFirst(3).first == "\(mine) f.svg")
        #expect(!run.lines.contains { $0.hasPrefix(".spawnscope.") }, "\(run.output)")
        #expect(run.output.contains("setresuid(\(user.uid), \(user.uid), \(user.uid))"), "\(run.output)\(run.error)")
    }

    /// sudo keeps the caller's umask where it is stricter than its own.
    @Test func theUmaskIsTheRecorders() throws {
        let user = try TestUser(sudo: true)
        for option in ["", "-u $n"] {
            let run = try user.shell("umask 077; sudo -n $program record -q \(option) -o s.data -- sh -c umask")
            #expect(run.output == "0077\n", "\(option)")
        }
    }

    /// The command has the terminal that the recorder has: as its streams and as its controlling terminal.
    @Test func theTerminalIsTheRecorders() throws {
        let user = try TestUser(sudo: true)
        let facts =
            "for n in 0 1 2; do test -t $n && echo stream $n; done; readlink /proc/self/fd/1 /proc/self/fd/2; "
            + ": </dev/tty && echo controlling; cut -d\" \" -f 7 /proc/self/stat"
        for option in ["", "-u \(user.name)"] {
            try Compiler.write(
                Array("\(facts)\n\(user.program) record -q \(option) -o s.data -- sh -c '\(facts)'\n".utf8),
                to: user.directory + "/session")
            // A standard input that says nothing: what comes from it, its end too, is echoed by the terminal.
            let run = try user.shell(
                "rm -f silent; mkfifo silent; script -qec 'sudo -n sh \(user.directory)/session' /dev/null <>silent")
            let lines = run.output.split(whereSeparator: \.isNewline)
            #expect(run.status == 0 && lines.count == 14, "\(run.output)")
            #expect(Array(lines.prefix(7)) == Array(lines.suffix(7)), "\(option)")
            #expect(lines.prefix(3) == ["stream 0", "stream 1", "stream 2"] && lines.contains("controlling"))
        }
    }

    /// A command of the caller's own that runs as root is told once, unless nothing is to be said.
    @Test func theCallersOwnCommandIsTold() throws {
        let user = try TestUser(sudo: true)
        let made = "printf '#!/bin/sh\\n:\\n' >own; chmod +x own; "
        let note = "spawnscope: ./own is yours and runs as root; -u \(user.name) runs it as you\n"
        func error(_ options: String, _ command: String) throws -> String {
            try user.shell("\(made) sudo -n $program record \(options) -o s.data -- \(command)").error
        }
        let told = try error("", "./own")
        #expect(told.hasPrefix(note) && told.components(of: "runs as root") == 1)
        #expect(try !error("-q", "./own").contains("runs as root"))
        #expect(try !error("-u $n", "./own").contains("runs as root"))
        #expect(try !error("", "/bin/true").contains("runs as root"))
        // Whose environment says that it was started by sudo, and is not root's, is believed nothing.
        let forged = try user.shell(
            "\(made) SUDO_UID=\(user.uid) SUDO_GID=\(user.gid) $program record -o s.data -- ./own")
        #expect(forged.status == 0 && forged.error.contains("recorded by ptrace"), "\(forged.error)")
        #expect(!forged.error.contains("runs as root"))
    }
}

extension String {
    /// How often `part` is there.
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
