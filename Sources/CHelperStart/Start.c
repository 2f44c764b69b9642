// What runs before anything else in a program with file capabilities: Swift's runtime opens files that variables name, also where the
// dynamic linker ignores its own.
#include "CHelperStart.h"

#include <stddef.h>
#include <sys/auxv.h>

static void forget_environment(int count, char **arguments, char **environment) {
    (void)count;
    (void)arguments;
    if (getauxval(AT_SECURE) != 0) environment[0] = NULL;
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = forget_environment;

void chelper_start(void) {}
