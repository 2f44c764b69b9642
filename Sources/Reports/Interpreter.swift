/// An interpreter that evaluates a program of its language in some frames of a stack: its own functions say nothing of that
/// program, whose functions have no frames.
struct Interpreter: Hashable {
    let language: String
    /// One of these in a stack makes it such a stack.
    private let evaluators: Set<String>
    private let prefixes: [String]

    /// The first whose evaluation is in the stack.
    init?(of stack: [String]) {
        guard let found = Self.all.first(where: { $0.isEvaluating(stack) }) else { return nil }
        self = found
    }

    private init(language: String, evaluators: Set<String>, prefixes: [String]) {
        self.language = language
        self.evaluators = evaluators
        self.prefixes = prefixes
    }

    private func isEvaluating(_ stack: [String]) -> Bool { stack.contains(where: evaluators.contains) }

    func owns(_ name: String) -> Bool { prefixes.contains(where: name.hasPrefix) }

    /// Names as the sources of CPython 3.9 to 3.13 (Objects, Python, Modules) and of Perl 5.36 have them.
    private static let all = [
        Interpreter(
            language: "Python", evaluators: ["_PyEval_EvalFrameDefault", "PyEval_EvalFrameEx"],
            prefixes: [
                "Py", "_Py", "py_", "_py_", "pymain_", "run_mod", "run_eval_code_obj", "pyrun_", "builtin_", "type_",
                "slot_", "cfunction_", "method_", "methoddescr_", "function_code_fastcall", "func_", "vectorcall",
                "object_", "wrap_", "wrapper_", "classmethod_", "property_", "partial_", "gen_", "_gen", "async_gen",
                "coro_", "task_", "_asyncio", "list_", "tuple_", "dict_", "set_", "map_", "filter_", "sorted",
                "context_", "import_", "exec_code_in_module", "do_call", "call_", "os_", "posix_do_", "atexit_",
                "functools_", "lru_cache_", "bounded_lru", "infinite_lru", "subprocess_", "_posixsubprocess",
                "faulthandler_",
                "main", "invoke_module", "thread_run", "pythread_wrapper", "t_bootstrap",
            ]),
        Interpreter(
            language: "Perl", evaluators: ["Perl_runops_standard", "Perl_runops_debug"],
            prefixes: ["Perl_", "perl_", "S_", "PerlProc_", "XS_", "main"]),
    ]
}
