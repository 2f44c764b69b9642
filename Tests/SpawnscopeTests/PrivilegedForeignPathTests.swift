import Glibc
import TestSupport
import Testing

/// root's recordings and outputs in a directory of somebody else's, who puts there what root should not touch, and exchanges it as fast as
/// they can.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedForeignPathTests {
    private let user: TestUser

    init() throws { user = try TestUser() }

    /// As root in the user's home, where `$S` is the program, `$N` the user, `$V` a file of root's that is not to change, and `s.data` and
    /// `raw.data` are sessions of root's. `attack SCRIPT` runs one as the user, in the background, until the end.
    private func shell(_ script: String) throws -> ProgramRun {
        try ProgramRun(
            "bash", "-c",
            """
            S=$1 N=$2; cd "$3"; V=/tmp/$N-victim; printf 'precious\\n' >"$V"; chmod 640 "$V"
            attack() { runuser -u "$N" -- sh -c "cd '$PWD'; V=$V; $1" >/dev/null 2>&1 & attacker=$!; }
            trap '[ -z "$attacker" ] || { pkill -KILL -u "$N"; wait $attacker 2>/dev/null; }; rm -f "$V"' EXIT
            $S record -q -o s.data -- /bin/true; $S record -q --no-pack -o raw.data -- sh -c '/bin/true; /bin/true'
            printf 'schema: spawnscope.budget/1\\nbudgets:\\n  - {name: all, spawns: 9}\\n' >b.yml
            \(script)
            stat -c '%u %g %a %s' "$V"; cat "$V"
            """, "bash", PerfPrivileges.program, user.name, user.home)
    }

    private static let unchanged = ["0 0 640 9", "precious"]

    private static let outputs = [
        "record -q -o out -- /bin/true", "record -q --no-pack -o out -- /bin/true", "pack -q -o out raw.data",
        "export --format csv -o out s.data", "flamegraph -o out s.data",
        "budget s.data --file b.yml --format markdown -o out",
        "record -q -o t.data --budget b.yml --budget-output out -- /bin/true",
        "compare --base s.data --head s.data --format json -o out",
    ]

    @Test("another user's link, device, FIFO or socket is no output", arguments: outputs)
    func isRefused(command: String) throws {
        let run = try shell(
            """
            # A session takes the place of a link, which is renamed with its name's end .old; what it leads to is not touched.
            verdict() {
                case "$2 \(command)" in
                137*) echo "$1: hangs" ;;
                "0 record "*" -o out "*) [ -f out ] && [ ! -L out ] && echo refused || echo "$1: 0" ;;
                0*) echo "$1: 0" ;;
                *) echo refused ;;
                esac
            }
            for kind in 'ln -s $V out' 'ln -s link out; ln -s $V link' 'ln -s /proc/self/fd/9 out' 'mkfifo out' \
                'mkfifo pipe; ln -s pipe out' 'python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\\"out\\")"'; do
                runuser -u "$N" -- sh -c "cd '$PWD'; V=$V; $kind"
                timeout -s KILL 20 $S \(command) >/dev/null 2>error 9>>"$V"; status=$?
                verdict "$kind" $status; rm -f out out.old link pipe t.data*
            done
            mknod out c 1 5; timeout -s KILL 20 $S \(command) >/dev/null 2>error; status=$?
            verdict 'a device' $status; rm -f out t.data*
            """)
        #expect(
            run.lines.map(String.init) == Array(repeating: "refused", count: 7) + Self.unchanged,
            "\(run.output)\(run.error)")
    }

    /// What is under way has names that nobody foresees, and what has a name is not touched by it.
    @Test(
        "names that are exchanged while a file is written lead nowhere",
        arguments: [
            "pack -q raw.data", "pack -q -o out raw.data", "record -q -o raw.data -- sh -c /bin/true",
            "flamegraph -o out s.data", "export --format csv -o out s.data",
        ])
    func exchanged(command: String) throws {
        let run = try shell(
            """
            attack 'while :; do for f in raw.data?* out* s.data?* .[!.]*; do
                [ -L "$f" ] || { [ -e "$f" ] && rm -f "$f" && ln -s "$V" "$f"; }; done; done'
            calls=chown,lchown,fchownat,chmod,fchmodat,linkat,rename,renameat2
            timeout -s KILL 60 strace -f -qq -o /dev/null -e trace=$calls -e inject=$calls:delay_enter=300000 \
                $S \(command) >/dev/null 2>&1
            """)
        #expect(run.lines.map(String.init) == Self.unchanged, "\(run.output)\(run.error)")
    }

    /// One name stands for another file each time: an answer about a name need not hold for the next use of that name.
    @Test(
        "directories that are exchanged, links to directories, and devices that become files lead nowhere",
        arguments: [
            "while :; do for f in d/*.data?*; do [ -e \"$f\" ] && [ -d d ] && ln -s \"$V\" \"e/${f#d/}\" && mv d x && ln -s e d; done; done",
            "while :; do for f in d/*.data?* d/.[!.]*; do [ -L \"$f\" ] || { [ -e \"$f\" ] && rm -f \"$f\" && ln -s \"$W\" \"$f\"; }; done; done",
            "while :; do ln -sf /dev/null d/raw.data; sleep 0.2; ln -sf \"$V\" d/raw.data; sleep 0.2; done",
        ])
    func otherThingsExchanged(attack: String) throws {
        let isDevice = attack.contains("/dev/null")
        let command = isDevice ? "record -q --no-pack -o d/raw.data -- /bin/true" : "pack -q d/raw.data"
        let run = try shell(
            """
            runuser -u "$N" -- mkdir d e; mv raw.data d; W=/tmp/$N-directory; mkdir -m 751 "$W"
            cat >exchanging <<'END'
            \(attack)
            END
            attack "W=$W; . ./exchanging"
            calls=chown,lchown,fchownat,chmod,fchmodat,linkat,rename,renameat2
            \(isDevice ? "calls='openat -P d/raw.data'; for round in 1 2 3 4 5; do" : "for round in 1 2; do")
                timeout -s KILL 60 strace -f -qq -o /dev/null -e inject=${calls%% *}:delay_enter=300000 -e trace=$calls \
                    $S \(command) >/dev/null 2>&1
            done
            stat -c '%u %g %a' "$W"; rmdir "$W"
            """)
        #expect(run.lines.map(String.init) == ["0 0 751"] + Self.unchanged, "\(run.output)\(run.error)")
    }

    /// A program whose name is a device's, elsewhere.
    @Test(
        "names of a container's files are not the machine's",
        arguments: ["/dev/zero", "/dev/loop-control", "/dev/kmsg", "/dev/ptmx", "/sys/kernel/tracing/trace_pipe"])
    func device(path: String) throws {
        let source = """
            #include <sys/wait.h>
            #include <unistd.h>
            int main(void) { if (fork() == 0) execl("/bin/true", "true", (char *)0); return wait(0) < 0; }
            """
        let program = try Compiler.program(source, ["-g", "-O1"], in: user.directory)
        let run = try shell(
            """
            cat >inside <<'END'
            mount -t tmpfs t "${1%/*}"; cp "$2" "${1%/*}/copy"; mv "${1%/*}/copy" "$1"; exec "$1"
            END
            for command in "record -q --no-pack -o t.data -- runuser -u $N -- unshare -Urm sh inside \(path) \(program)" \
                'report t.data' 'fold t.data' 'pack -q t.data' 'report t.data'; do
                timeout -s KILL 60 strace -f -qq -o trace -e trace=open,openat,openat2 $S $command >out 2>&1 || { echo "$command: $?"; cat out; }
                grep -F '"\(path)"' trace | grep -v -e O_PATH -e ENOENT
            done
            $S fold --frames ancestry,program t.data | grep -c ";$(basename \(path) | cut -c -15);/bin/true 1$"
            """)
        #expect(run.lines.map(String.init) == ["1"] + Self.unchanged, "\(run.output)\(run.error)")
    }
}
