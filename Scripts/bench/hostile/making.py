"""How inputs are made: a program that spawns once, compiled in many ways, and a register of makers."""

import subprocess

GIB, MIB = 1 << 30, 1 << 20
PROGRAM, SESSION = "program", "session"
# By name: the kind, and the function that makes it in a directory.
MAKERS = {}


def maker(kind):
    def register(function):
        MAKERS[function.__name__] = (kind, function)
        return function

    return register


def run(*words, **options):
    subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL, **options)


SOURCE = """\
#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
__attribute__((noinline)) void f(void)
{
    pid_t child;
    char *words[] = {"/bin/true", 0};
    if (posix_spawn(&child, words[0], 0, 0, words, environ) == 0) waitpid(child, 0, 0);
}
int main(void) { f(); return 0; }
"""


INLINED = SOURCE.replace(
    "__attribute__((noinline)) void f(", "__attribute__((always_inline)) static inline void inlined_function("
).replace("int main(void) {", '__attribute__((noinline)) void f(void) { inlined_function(); __asm__ volatile(""); }\nint main(void) {')


def compile_program(directory, *options, name="f"):
    (directory / "main.c").write_text(SOURCE)
    run("gcc", *options, "-o", "program", "main.c", cwd=directory)
    # An assembler takes "$" for something else.
    if name != "f":
        run("objcopy", "--redefine-sym", f"f={name}", "program", cwd=directory)


def zeros(directory, size):
    path = directory / "zeros"
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def make_hole(path, size=30 * GIB):
    """The file has this size from now on, and what was not there is a hole."""
    with open(path, "r+b") as file:
        file.truncate(size)
