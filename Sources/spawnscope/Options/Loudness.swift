internal import ArgumentParser

/// How much is said on standard error.
struct Loudness: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say only what went wrong: no progress, no notes on what the session lacks.")
    var quiet = false

    /// Call this first: opening a session may already write messages.
    func apply() { Terminal.isQuiet = quiet }
}
