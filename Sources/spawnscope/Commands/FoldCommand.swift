internal import ArgumentParser
internal import Folding
internal import Profiles

struct FoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fold",
        abstract: "Print a session as folded stacks, one line each: outermost;…;innermost number.",
        discussion: """
            Without options, a session with spawns gives a line for each chain of commands, call site and program, and how \
            often it was spawned. Other perf.data files give the samples of their first event.

            A stack whose unwinding stopped too early begins with [truncated], a frame without a name is [unknown], or \
            [libc.so.6] where at least the file is known. A child that never executed a program is [forked], one whose \
            attempts all failed [failed], and [no exec] one of which the session cannot tell which.

            spawnscope flamegraph draws them; other tools take the lines:
              spawnscope fold | flamegraph.pl > spawns.svg
              spawnscope fold | inferno-flamegraph > spawns.svg
              spawnscope fold > spawns.folded      and open the file in https://www.speedscope.app

            Examples:
              spawnscope fold
              spawnscope fold --frames callsite,program build.data
              spawnscope fold --weight overhead --frames callsite,phase build.data
              spawnscope fold --weight samples build.data
              spawnscope fold --event cycles --names perf perf.data
            """
    )

    @Argument(help: "The session, or any other perf.data file; - is standard input.")
    var session = "spawnscope.data"

    @OptionGroup var selection: FoldSelection

    @OptionGroup var loudness: Loudness

    func run() throws {
        loudness.apply()
        try CommandWorker.run(sessions: [session]) { try work() }
    }

    private func work() throws {
        let loaded = try LoadedSession(path: session)
        let fold = try selection.fold(loaded, path: session)
        try Terminal.write(FoldedText(fold.tree, names: fold.names))
        fold.say()
        loaded.sayDamage()
        try loaded.requireSamples()
    }
}
