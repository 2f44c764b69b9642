/// Which frames of a call site say who asked for a spawn: the program's own, not those of the libraries and interpreters
/// through which it asked, and not those in which every program starts.
public enum TellingFrames {
    /// How many are shown of one call site.
    public static let most = 3
    public static let separator = " > "
    public static let truncatedMark = "[truncated]"

    private static let functions: Set<String> = [
        // libc's ways to make a process (glibc, musl), under all names that symbols give them.
        "fork", "__fork", "__libc_fork", "_Fork", "__GI__Fork", "arch_fork", "vfork", "__vfork", "__libc_vfork",
        "__GI___vfork", "clone", "__clone", "__GI___clone", "clone3", "__clone3", "__GI___clone3", "__clone_internal",
        "__GI___clone_internal", "posix_spawn", "__posix_spawn", "__GI___posix_spawn", "posix_spawnp", "__posix_spawnp",
        "__spawni", "__spawnix", "__spawnip", "do_system", "system", "__libc_system", "popen", "_IO_popen",
        "_IO_new_popen", "_IO_proc_open", "_IO_new_proc_open", "spawn_process", "daemon", "forkpty", "wordexp",
        "exec_comm", "exec_comm_child", "syscall",
        // Where every program and thread starts.
        "_start", "__libc_start_main", "__libc_start_main_impl", "__libc_start_call_main", "_start_c", "_dl_start_user",
        "start_thread", "runtime.goexit", "runtime.goexit.abi0", "runtime.main", "runtime.mstart",
        // CPython's evaluation, under which each of its stacks looks the same.
        "Py_BytesMain", "Py_RunMain", "_PyRun_AnyFileObject", "_PyRun_SimpleFileObject", "PyEval_EvalCode",
        "_PyEval_EvalFrameDefault", "_PyEval_Vector", "PyObject_Call", "_PyObject_Call", "_PyObject_MakeTpCall",
        "_PyObject_FastCallDictTstate", "_PyFunction_Vectorcall", "PyObject_Vectorcall", "_PyObject_Call_Prepend",
        "subprocess_fork_exec", "do_fork_exec", "os_fork", "os_fork_impl",
        // dash, bash, make, perl.
        "forkshell", "vforkexec", "evaltree", "evaltreenr", "cmdloop", "evalstring", "make_child", "execute_command",
        "execute_command_internal", "child_execute_job", "Perl_runops_standard", "perl_run", "Perl_my_popen",
        "Perl_my_popen_list", "Perl_pp_system", "Perl_pp_fork",
    ]

    private static let prefixes = [
        // Go's syscall, os and os/exec; Rust's and Swift's standard libraries.
        "syscall.", "os.StartProcess", "os.startProcess", "os/exec.", "internal/", "runtime.", "std::process::",
        "std::sys::", "std::sys_common::", "std::rt::", "std::panic", "core::ops::function::", "Foundation.Process",
        "__rust_",
    ]

    static func isTelling(_ name: String) -> Bool {
        // `[unknown]`, and files of which only the name is known.
        guard !name.hasPrefix("["), !functions.contains(name) else { return false }
        return !prefixes.contains { name.hasPrefix($0) }
    }

    /// The innermost telling frames of a stack, outermost first.
    public static func of(_ stack: [String]) -> [String] {
        stack.reversed().lazy.filter(isTelling).prefix(most).reversed()
    }

    /// The same as one text. Where no frame is telling, the innermost that has a name says at least what was called.
    public static func text(_ stack: [String]) -> String {
        let frames = of(stack)
        guard frames.isEmpty else { return frames.joined(separator: separator) }
        guard let called = stack.last(where: { !$0.hasPrefix("[") }) else { return "(stack not known)" }
        return "(no own function named)\(separator)\(called)"
    }
}
