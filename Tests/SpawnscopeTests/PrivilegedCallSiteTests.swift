import Glibc
import TestSupport
import Testing

/// Programs without frame pointers, recorded and folded by the built program: each call site reaches the function that nobody
/// called.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedCallSiteTests {
    private let sites = CallSites()
    private static let entry = ["_start", "__libc_start_main", "__libc_start_call_main"]
    private static let spawned = ["posix_spawn", "__spawni", "__spawnix", "__GI___clone_internal", "clone3"]

    /// What says which of the paths are there, how often, and which frames are wrong, is a program of its own.
    @Test func aHundredKnownPaths() throws {
        try sites.record([sites.workload("hundred_paths"), "2"])
        let check = try ProgramRun(
            "bash", "-c", "set -o pipefail; \"$1\" fold --frames callsite \"$2\" | python3 \"$3\" check paths 2",
            "bash",
            PerfPrivileges.program, sites.session.session, Workload.root + "/Scripts/bench")
        #expect(check.status == 0 && check.error == "", "\(check.error)")
        #expect(check.output == "200 spawns, 100 of 100 paths, 0 problems.\n")
    }

    /// That check fails if one frame of one path has another name.
    @Test func theCheckOfPathsSeesWhatIsMissing() throws {
        try sites.record([sites.workload("hundred_paths"), "1"])
        let check = try ProgramRun(
            "bash", "-c",
            "\"$1\" fold --frames callsite \"$2\" | sed -e '1s/;main;/;other;/' | python3 \"$3\" check paths 1",
            "bash",
            PerfPrivileges.program, sites.session.session, Workload.root + "/Scripts/bench")
        #expect(check.status == 1 && check.error.contains("0 instead of 1 of main;"), "\(check.error)")
    }

    @Test(arguments: [
        ("posix_spawn", ["main", "workload_posix_spawn"] + spawned),
        ("fork", ["main", "by_fork", "__libc_fork", "_Fork"]),
        ("vfork", ["main", "by_vfork", "__vfork"]),
        ("clone3", ["main", "by_clone3", "syscall"]),
        ("system", ["main", "by_system", "do_system"] + spawned),
        ("popen", ["main", "by_popen", "popen", "_IO_proc_open"] + spawned),
    ])
    func everyWayOfCreating(method: String, path: [String]) throws {
        let found = try sites.whole(4, [sites.workload("spawn_loop"), "-m", method, "4"])
        #expect(found.map(\.frames) == [Self.entry + path])
    }

    /// A static program's libc is part of its file, and so are its frames.
    @Test(arguments: [
        (
            "posix_spawn",
            ["main", "workload_posix_spawn", "__posix_spawn", "__spawni", "__spawnix", "__clone_internal"]
        ),
        ("fork", ["main", "by_fork", "__libc_fork"]),
        ("vfork", ["main", "by_vfork"]),
    ])
    func aStaticProgram(method: String, path: [String]) throws {
        let found = try sites.whole(4, [sites.workload("spawn_loop", .bareStatic), "-m", method, "4"])
        try #require(found.count == 1)
        #expect(
            found[0].frames.dropLast() == ["_start", "__libc_start_main_impl", "__libc_start_call_main"] + path,
            "\(found)")
    }

    @Test func threads() throws {
        let found = try sites.whole(20, [sites.workload("spawn_threads"), "20"])
        for site in found {
            #expect(site.spans(["clone3", "start_thread"], Self.spawned), "\(site)")
            #expect(site.frames.contains { $0.hasPrefix("workshop::Runner::repeat<") }, "\(site)")
        }
    }

    @Test(.enabled(if: Workload.prebuilt("spawn_loop_go") != nil || PerfPrivileges.areRequired, "needs Go"))
    func go() throws {
        let found = try sites.whole(5, [#require(Workload.prebuilt("spawn_loop_go")), "5"])
        for site in found {
            #expect(
                site.spans(
                    ["runtime.goexit.abi0", "runtime.main", "main.main", "main.runTool", "os/exec.(*Cmd).Run"],
                    ["syscall.rawVforkSyscall.abi0"]), "\(site)")
        }
    }

    /// Without symbols, with the frames of its twin: Go's own function table names them.
    @Test(.enabled(if: Workload.prebuilt("spawn_loop_go_stripped") != nil || PerfPrivileges.areRequired, "needs Go"))
    func strippedGo() throws {
        let twin = try sites.whole(5, [#require(Workload.prebuilt("spawn_loop_go")), "5"])
        let found = try sites.whole(5, [#require(Workload.prebuilt("spawn_loop_go_stripped")), "5"])
        #expect(found.map(\.count) == [5])
        // The linker's suffix for assembly is in ELF symbols alone.
        let named = twin.map { $0.frames.map { $0.hasSuffix(".abi0") ? String($0.dropLast(5)) : $0 } }
        #expect(found.map(\.frames) == named)
    }

    /// Debian's dash is stripped: its own functions are its file.
    @Test func dash() throws {
        let found = try sites.whole(5, ["dash", sites.workload("spawn_loop.sh"), "5"])
        for site in found {
            #expect(site.spans(["[dash]", "__libc_start_main", "__libc_start_call_main", "[dash]"], ["__vfork"]))
        }
    }

    @Test func bash() throws {
        let found = try sites.whole(5, ["bash", sites.workload("spawn_loop.sh"), "5"])
        for site in found {
            #expect(
                site.spans(
                    Self.entry + ["main", "reader_loop", "execute_command"], ["make_child", "__libc_fork", "_Fork"]),
                "\(site)")
        }
    }

    @Test func python() throws {
        let found = try sites.whole(5, ["/usr/bin/python3", sites.workload("spawn_loop.py"), "5"])
        for site in found {
            #expect(site.spans(Self.entry + ["Py_BytesMain", "Py_RunMain"], ["__vfork"]), "\(site)")
            #expect(site.frames.contains("_PyEval_EvalFrameDefault"), "\(site)")
        }
    }

    @Test func perl() throws {
        let found = try sites.whole(5, ["/usr/bin/perl", sites.workload("spawn_loop.pl"), "5"])
        for site in found {
            #expect(
                site.spans(Self.entry + ["main", "perl_run"], ["Perl_pp_system", "__libc_fork", "_Fork"]), "\(site)")
        }
    }

    /// make starts shells, and these start the commands.
    @Test func make() throws {
        let found = try sites.whole(6, ["dash", sites.workload("make_loop.sh"), "6"])
        let (shells, makes) = (found.filter { $0.frames[0] == "[dash]" }, found.filter { $0.frames[0] != "[dash]" })
        #expect(shells.map(\.count).reduce(0, +) == 3 && makes.map(\.count).reduce(0, +) == 3)
        #expect(shells.allSatisfy { $0.spans(["[dash]", "__libc_start_main"], ["__vfork"]) }, "\(shells)")
        #expect(
            makes.allSatisfy {
                $0.spans(Self.entry + ["main", "update_goal_chain"], ["child_execute_job"] + Self.spawned)
            }, "\(makes)")
    }

    /// A program whose section headers were cut off has no names, and the same frames.
    @Test(arguments: ["posix_spawn", "fork"])
    func aProgramWithoutSectionHeaders(method: String) throws {
        let program = try sites.workload("spawn_loop")
        let whole = try sites.whole(3, [program, "-m", method, "3"])
        var bytes = try Compiler.bytes(program)
        // e_shoff, e_shnum and e_shstrndx, elf(5).
        for index in Array(0x28..<0x30) + Array(0x3C..<0x40) { bytes[index] = 0 }
        try Compiler.write(bytes, to: program)
        let found = try sites.whole(3, [program, "-m", method, "3"])
        let own: Set = ["_start", "main", "workload_posix_spawn", "by_fork"]
        #expect(found.map(\.frames) == whole.map { $0.frames.map { own.contains($0) ? "[spawn_loop]" : $0 } })
    }

    /// What perf dumped is unwound the same way; the kernel's own frames stand inside of it.
    @Test(arguments: ["posix_spawn", "fork", "vfork"])
    func aRecordingOfPerf(method: String) throws {
        let file = sites.directory + "/perf.data"
        let program = try sites.workload("spawn_loop")
        let perf = try ProgramRun(
            "perf", "record", "-q", "-N", "-e", "task:task_newtask", "--call-graph", "dwarf", "-o", file, program, "-m",
            method, "5")
        try #require(perf.status == 0, "\(perf.error)")
        let fold = try sites.fold(file)
        #expect(fold.error == "")
        let found = CallSites.Site.all(fold)
        #expect(found.map(\.count).reduce(0, +) == 5)
        let caller = ["posix_spawn": "workload_posix_spawn", "fork": "by_fork", "vfork": "by_vfork"][method] ?? ""
        for site in found { #expect(site.spans(Self.entry + ["main", caller], []), "\(fold.output)") }
    }
}
