import Glibc
import TestSupport
import Testing

/// `record -u` by root itself: who the command is, and what is refused.
@Suite(.enabled(if: PerfPrivileges.available), .serialized) struct PrivilegedCommandUserTests {
    private let directory = SessionDirectory()

    @Test func aNumberIsAsGoodAsAName() throws {
        let user = try TestUser()
        for name in [user.name, String(user.uid)] {
            let run = try directory.record("-q", "-u", name, "--", "sh", "-c", "id -u; id -g; id -G; echo $HOME $SHELL")
            #expect(run.status == 0)
            let groups = try ProgramRun("id", "-G", user.name).output
            #expect(run.output == "\(user.uid)\n\(user.gid)\n\(groups)\(user.home) /bin/sh\n")
        }
    }

    /// What root's process could have handed down is gone; the rest of the environment is the recorder's.
    @Test func rightsAreGoneAndTheEnvironmentStays() throws {
        let user = try TestUser()
        let run = try ProgramRun(
            "env", "KEPT=1 2", "SUDO_UID=1", "SUDO_COMMAND=x", "MAIL=/var/mail/root", "setpriv",
            "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override",
            PerfPrivileges.program, "record", "-q", "-o", directory.session, "-u", user.name, "--", "sh", "-c",
            "grep Cap /proc/self/status; echo ${KEPT} ${SUDO_UID-none} ${SUDO_COMMAND-none} ${MAIL-none}")
        #expect(run.status == 0, "\(run.error)")
        for name in ["Inh", "Prm", "Eff", "Amb"] {
            #expect(run.output.contains("Cap\(name):\t0000000000000000\n"), "\(run.output)")
        }
        #expect(run.output.hasSuffix("1 2 none none none\n"))
    }

    /// The command's search of PATH, and its execution, are the user's, too.
    @Test func whatTheUserMayNotExecute() throws {
        let user = try TestUser()
        let program = user.directory + "/rootonly"
        try Compiler.write(Array("#!/bin/sh\n".utf8), to: program)
        chmod(program, 0o700)
        #expect(try directory.record("--", program).status == 0)
        for name in [program, "rootonly"] {
            let run = try ProgramRun(
                "env", "PATH=\(user.directory):/usr/bin:/bin", PerfPrivileges.program, "record", "-o",
                directory.session,
                "-u", user.name, "--", name)
            #expect(run.status == 126 && run.error.contains("cannot execute \(name): Permission denied"))
        }
        let absent = try ProgramRun(
            "env", "PATH=/usr/bin:/bin", PerfPrivileges.program, "record", "-o", directory.session, "-u", user.name,
            "--",
            "no-such-program")
        #expect(absent.status == 127 && absent.error.contains("command not found"))
    }

    @Test(arguments: [
        (["-u", "no-such-user", "--", "true"], "there is no user no-such-user here"),
        (["-u", "", "--", "true"], "there is no user"), (["-u", "4294967295", "--", "true"], "there is no user"),
        (["-u", "nobody", "-p", "1"], "-u is for a command"), (["-u", "nobody", "-a"], "-u is for a command"),
        (["-u", "nobody", "--cgroup", "/"], "-u is for a command"),
    ])
    func wrongUsage(options: [String], message: String) throws {
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", directory.session] + options)
        #expect(run.status == 125 && run.output == "" && run.error.contains(message), "\(run.error)")
        #expect(run.lines.isEmpty && access(directory.session, F_OK) != 0)
    }

    @Test func onlyRootBecomesAnother() throws {
        let run = try ProgramRun(
            "setpriv", "--reuid", "65534", "--clear-groups", PerfPrivileges.program, "record", "-u", "root", "--", "id")
        #expect(run.status == 125 && run.output == "" && run.error.contains("only root can"))
    }

    /// Where the system refuses, the command does not run as anybody else.
    @Test func whatTheSystemRefuses() throws {
        for (capability, step) in [("setgid", "set the groups"), ("setuid", "set the user")] {
            let run = try ProgramRun(
                "setpriv", "--bounding-set=-\(capability)", PerfPrivileges.program, "record", "-o", directory.session,
                "-u",
                "nobody", "--", "echo", "ran")
            #expect(run.status == 125 && run.output == "")
            #expect(run.error.contains("cannot run as nobody: cannot \(step): Operation not permitted"), "\(run.error)")
        }
    }
}
