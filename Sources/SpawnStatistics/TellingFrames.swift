/// Which frames of a call site show who requested a spawn: the program's own, not those of the libraries and
/// interpreters through which it did, and not those in which every program starts.
package enum TellingFrames {
    /// The most frames shown of one call site.
    package static let most = 3
    package static let separator = " > "
    package static let truncatedMark = "[truncated]"

    /// Functions that create a process, by all symbol names: of libc (glibc, musl), CPython, dash, bash, make, Perl.
    private static let creating: Set<String> = [
        "fork", "__fork", "__libc_fork", "_Fork", "__GI__Fork", "arch_fork", "vfork", "__vfork", "__libc_vfork",
        "__GI___vfork", "clone", "__clone", "__GI___clone", "clone3", "__clone3", "__GI___clone3", "__clone_internal",
        "__GI___clone_internal", "posix_spawn", "__posix_spawn", "__GI___posix_spawn", "posix_spawnp", "__posix_spawnp",
        "__spawni", "__spawnix", "__spawnip", "do_system", "system", "__libc_system", "popen", "_IO_popen",
        "_IO_new_popen", "_IO_proc_open", "_IO_new_proc_open", "spawn_process", "daemon", "forkpty", "wordexp",
        "exec_comm", "exec_comm_child", "syscall",
        "subprocess_fork_exec", "do_fork_exec", "os_fork", "os_fork_impl", "os_posix_spawn", "py_posix_spawn",
        "forkshell", "vforkexec", "make_child", "child_execute_job",
        "Perl_my_popen", "Perl_my_popen_list", "Perl_pp_system", "Perl_pp_fork",
    ]

    /// Functions in which every program and thread starts, and in which shells evaluate whatever they run.
    private static let starting: Set<String> = [
        "_start", "__libc_start_main", "__libc_start_main_impl", "__libc_start_call_main", "_start_c", "_dl_start_user",
        "start_thread", "runtime.goexit", "runtime.goexit.abi0", "runtime.main", "runtime.mstart",
        "evaltree", "evaltreenr", "cmdloop", "evalstring", "execute_command", "execute_command_internal",
    ]

    private static let prefixes = [
        // Go's syscall, os and os/exec; Rust's and Swift's standard libraries.
        "syscall.", "os.StartProcess", "os.startProcess", "os/exec.", "internal/", "runtime.", "std::process::",
        "std::sys::", "std::sys_common::", "std::rt::", "std::panic", "core::ops::function::", "Foundation.Process",
        "__rust_",
    ]

    private static func isTelling(_ name: String, in interpreter: Interpreter?) -> Bool {
        // `[unknown]`, and files of which only the name is known.
        guard !name.hasPrefix("["), !creating.contains(name), !starting.contains(name) else { return false }
        if let interpreter, interpreter.owns(name) { return false }
        return !prefixes.contains { name.hasPrefix($0) }
    }

    /// The innermost telling frames of a stack, outermost first.
    package static func of(_ stack: [String]) -> [String] { places(in: stack).map { stack[$0] } }

    /// The indices of these frames in the stack.
    package static func places(in stack: [String]) -> [Int] {
        let interpreter = Interpreter(of: stack)
        return stack.indices.reversed().lazy.filter { isTelling(stack[$0], in: interpreter) }.prefix(most).reversed()
    }

    /// The telling frames as one text. If there are none, the text says why, and which creating function was called.
    package static func text(_ stack: [String]) -> String {
        let frames = of(stack)
        guard frames.isEmpty else { return frames.joined(separator: separator) }
        guard let innermost = stack.last(where: { !$0.hasPrefix("[") }) else { return "(stack not known)" }
        let called = stack.reversed().prefix { creating.contains($0) }.last ?? innermost
        return "(\(whyNone(stack)))\(separator)\(called)"
    }

    private static func whyNone(_ stack: [String]) -> String {
        if let interpreter = Interpreter(of: stack) { return "a \(interpreter.language) function" }
        // A frame of a file without a symbol for it: `[gcc]`.
        let unnamed = stack.last { $0.hasPrefix("[") && $0 != truncatedMark && $0 != "[unknown]" }
        return unnamed.map { "no names in \($0.dropFirst().dropLast())" } ?? "no own function named"
    }
}
