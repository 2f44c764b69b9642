/// Functions without a caller, where the kernel or the thread library starts a thread. A whole user stack ends in one.
enum OutermostFunction {
    package static let names: Set<String> = [
        // Program start: crt1.o and the dynamic linker (glibc and musl), Go's runtime.
        "_start", "_dl_start_user", "_dlstart", "_start_c", "_rt0_amd64_linux", "_rt0_amd64",
        // Thread start: glibc, musl, Go.
        "clone", "__clone", "clone3", "__clone3", "start_thread", "__clone_internal",
        "runtime.goexit", "runtime.goexit.abi0", "runtime.rt0_go", "runtime.rt0_go.abi0", "runtime.mstart",
        "runtime.mstart.abi0", "runtime.clone.abi0",
    ]

    /// Functions in which a thread starts, and which a spawner also calls.
    static let creatingCalls: Set<String> = [
        "clone", "__clone", "clone3", "__clone3", "__clone_internal", "runtime.clone.abi0",
    ]
}
