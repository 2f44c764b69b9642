/// An interpreter that evaluates a program of its language in some frames of a stack. Its own functions say nothing
/// about that program, whose functions have frames only if the interpreter was told to make them.
struct Interpreter: Hashable {
    let language: String
    /// Prefixes of the names of the program's functions, if they have frames, and what to do to get such frames; empty
    /// and `nil` if there is no way.
    let functionPrefixes: [String]
    let remedy: String?
    /// Text that occurs in the names of functions of the language's own library.
    private let libraries: [String]
    /// The functions that evaluate; a stack with one of them is of this interpreter.
    private let evaluators: Set<String>
    private let prefixes: [String]

    /// The first interpreter that evaluates in this stack.
    init?(of stack: [String]) {
        guard let found = Self.all.first(where: { $0.isEvaluating(stack) }) else { return nil }
        self = found
    }

    private init(
        language: String, evaluators: Set<String>, prefixes: [String], functionPrefixes: [String] = [],
        libraries: [String] = [], remedy: String? = nil
    ) {
        self.language = language
        self.functionPrefixes = functionPrefixes
        self.libraries = libraries
        self.remedy = remedy
        self.evaluators = evaluators
        self.prefixes = prefixes
    }

    private func isEvaluating(_ stack: [String]) -> Bool { stack.contains(where: evaluators.contains) }

    func owns(_ name: String) -> Bool {
        if isFunction(name) { return libraries.contains { name.contains($0) } && !name.contains("/site-packages/") }
        return prefixes.contains(where: name.hasPrefix)
    }

    /// Whether a frame is a function of the interpreted program.
    func isFunction(_ name: String) -> Bool { functionPrefixes.contains(where: name.hasPrefix) }

    /// Names are those in the sources of CPython 3.9 to 3.13 (Objects, Python, Modules), Perl 5.36, and Node.js 18 to
    /// 20. Functions are named by CPython's Python/perf_trampoline.c and V8's src/diagnostics/perf-jit.cc and
    /// src/logging/log.cc.
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
            ], functionPrefixes: ["py::"], libraries: ["/lib/python3", ":<frozen "],
            remedy: "Record 'python3 -X perf' (3.12 or newer), or with PYTHONPERFSUPPORT=1"),
        Interpreter(
            language: "Perl", evaluators: ["Perl_runops_standard", "Perl_runops_debug"],
            prefixes: ["Perl_", "perl_", "S_", "PerlProc_", "XS_", "main"]),
        Interpreter(
            language: "JavaScript", evaluators: ["Builtins_JSEntry", "Builtins_InterpreterEntryTrampoline"],
            prefixes: ["node::", "v8::", "Builtins_", "uv_", "napi_", "main"],
            functionPrefixes: ["JS:", "LazyCompile:", "Function:", "Eval:", "Script:"],
            libraries: [" node:", " internal/"],
            remedy:
                "Record 'node --perf-basic-prof --interpreted-frames-native-stack', or with these in NODE_OPTIONS"),
    ]
}
