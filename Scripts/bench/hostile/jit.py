"""Code that is made at run time: jit-PID.dump in the current directory, or perf-PID.map where perf looks for it."""

from bench.hostile.making import maker, run

JIT_SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static FILE *dump;
static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3}; // push, mov, call *rdi, pop, ret
static void put(const void *bytes, size_t size) { if (fwrite(bytes, 1, size, dump) != size) _exit(3); }
static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}
static void load(const char *name, uint64_t place, uint64_t size, const void *bytes, size_t kept) {
    static uint64_t number;
    uint32_t ids[2] = {0, (uint32_t)(56 + strlen(name) + 1 + kept)};
    uint64_t rest[] = {now(), getpid() | (uint64_t)getpid() << 32, place, place, size, ++number};
    put(ids, sizeof ids), put(rest, sizeof rest), put(name, strlen(name) + 1), put(bytes, kept);
}
__attribute__((noinline)) static void spawn(void) {
    pid_t pid = vfork();
    if (pid == 0) execl("/bin/true", "true", (char *)0), _exit(127);
    if (waitpid(pid, NULL, 0) != pid) _exit(1);
    __asm__ volatile("");
}
int main(void) {
    char *place = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(place, code, sizeof code);
    char path[64];
    snprintf(path, sizeof path, IS_MAP ? "/tmp/perf-%d.map" : "jit-%d.dump", getpid());
    dump = fopen(path, "w+");
    uint64_t at = (uint64_t)place;
    if (!IS_MAP) {
        uint32_t head[] = {0x4A695444, 1, 40, 62, 0, getpid()};
        uint64_t tail[] = {now(), 0};
        put(head, sizeof head), put(tail, sizeof tail);
    }
    BODY
    fflush(dump);
    if (!IS_MAP) mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(dump), 0);
    ((void (*)(void (*)(void)))place)(spawn);
    // For who removes it, since it lies where all of them do.
    if (IS_MAP) { FILE *made = fopen("made", "w"); fputs(path, made); fclose(made); }
    return 0;
}
"""


def compile_jit(directory, body, is_map=False):
    (directory / "main.c").write_text(JIT_SOURCE.replace("BODY", body))
    run("gcc", "-w", f"-DIS_MAP={int(is_map)}", "-o", "program", "main.c", cwd=directory)


@maker("program")
def jit_overlapping(directory):
    compile_jit(directory, 'for (int i = 0; i < 3000; i++) load("made", at - (16 << 20) + i * 4096, 16 << 20, code, sizeof code);')


@maker("program")
def jit_same_place(directory):
    compile_jit(directory, 'for (int i = 0; i < 3000; i++) load("made", at, 16 << 20, code, sizeof code);')


@maker("program")
def jit_shifted(directory):
    compile_jit(directory, 'for (int i = 0; i < 3000; i++) load("made", at - i, (16 << 20) - i, code, sizeof code);')


@maker("program")
def jit_nested(directory):
    compile_jit(
        directory,
        """for (int i = 0; i < 40000; i++) { char name[32]; snprintf(name, sizeof name, "f%d", i);
           load(name, at - 64 * i, 128 * i + 64, code, sizeof code); }""",
    )


@maker("program")
def jit_everywhere(directory):
    """Code of nearly all addresses, and records that end before the file says so."""
    compile_jit(directory, 'for (int i = 0; i < 1000; i++) load("all", i, ~0ull >> 1, code, sizeof code);')


@maker("program")
def jit_endless_lines(directory):
    compile_jit(
        directory,
        """uint32_t ids[2] = {2, 16 + 16 + 24}; uint64_t lines[] = {now(), at, 1ull << 40, 0, 0};
           for (int i = 0; i < 50000; i++) put(ids, sizeof ids), put(lines, sizeof lines), put(lines, 8);
           load("made", at, sizeof code, code, sizeof code);""",
    )


@maker("program")
def jit_long_name(directory):
    compile_jit(
        directory,
        "char *name = malloc(8 << 20); memset(name, 'j', 8 << 20); name[(8 << 20) - 1] = 0; load(name, at, 4096, code, sizeof code);",
    )


@maker("program")
def map_long_name(directory):
    compile_jit(
        directory,
        """fprintf(dump, "%lx 1000 ", at); for (int i = 0; i < 8 << 20; i++) fputc('j', dump); fputc('\\n', dump);""",
        is_map=True,
    )


@maker("program")
def map_overlapping(directory):
    compile_jit(directory, 'for (int i = 0; i < 300000; i++) fprintf(dump, "%lx ffffffff f%d\\n", at - i, i);', is_map=True)
