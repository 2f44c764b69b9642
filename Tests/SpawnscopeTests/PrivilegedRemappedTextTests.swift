import TestSupport
import Testing

/// A program that moves its own code to anonymous memory, as for huge pages, keeps its names.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedRemappedTextTests {
    /// The copy takes the place of the code by mremap(2), of which no event tells; mprotect(2) of it then does.
    private static let source = """
        #define _GNU_SOURCE
        #include <link.h>
        #include <spawn.h>
        #include <stdint.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/wait.h>
        extern char **environ;
        static char *words[] = {"true", 0};
        static const char *wanted;
        static int find(struct dl_phdr_info *info, size_t size, void *result) {
            if (strstr(info->dlpi_name, wanted) == 0) return 0;
            for (int number = 0; number < info->dlpi_phnum; number++) {
                const ElfW(Phdr) *part = &info->dlpi_phdr[number];
                if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
                uintptr_t start = info->dlpi_addr + part->p_vaddr & -4096;
                ((uintptr_t *)result)[0] = start;
                ((uintptr_t *)result)[1] = (info->dlpi_addr + part->p_vaddr + part->p_memsz + 4095 & -4096) - start;
                return 1;
            }
            return 0;
        }
        __attribute__((noipa)) void starter(void) {
            pid_t child;
            if (posix_spawn(&child, "/bin/true", 0, 0, words, environ) == 0) waitpid(child, 0, 0);
            __asm__ volatile("");
        }
        int main(int count, char **arguments) {
            wanted = arguments[1];
            uintptr_t text[2] = {0, 0};
            if (!dl_iterate_phdr(find, text)) return 1;
            char *copy = mmap(0, text[1], PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            memcpy(copy, (void *)text[0], text[1]);
            if (mremap(copy, text[1], text[1], MREMAP_MAYMOVE | MREMAP_FIXED, text[0]) == MAP_FAILED) return 2;
            if (mprotect((void *)text[0], text[1], PROT_READ | PROT_EXEC) != 0) return 3;
            starter();
            return 0;
        }
        """

    /// The program's own code, or the C library's.
    @Test(arguments: ["", "libc.so"]) func theNamesStay(whose: String) throws {
        let directory = FoldDirectory()
        let session = directory.path + "/s.data"
        let program = try Compiler.program(Self.source, ["-g", "-O2"], in: directory.path)
        for packing in [[], ["--no-pack"]] {
            let record = try ProgramRun(
                [PerfPrivileges.program, "record", "--recorder", "events", "-q", "-o", session] + packing + [
                    "--", program, whose,
                ])
            try #require(record.status == 0, "\(record.status) \(record.error)")
            let fold = try ProgramRun(PerfPrivileges.program, "fold", "--frames", "callsite", session)
            let line = try #require(fold.lines.first)
            #expect(fold.lines.count == 1 && line.contains(";main;starter;"), "\(line)")
            #expect(!line.contains("perf-") && !line.contains("[truncated]"), "\(line)")
        }
    }
}
