#include "CDemangle.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Exported by libswiftCore without a public header.
char *swift_demangle(const char *name, size_t length, char *buffer, size_t *size, uint32_t flags);

// The runtime writes its text into a std::string, which grows through operator new. A program may replace that operator
// (C++20 [new.delete.single]). This one uses malloc(3), like libstdc++'s; while a name is demangled, it also limits the
// size of the text.
static _Thread_local struct Watch {
    jmp_buf end;
    size_t limit;
    int is_active;
    // Memory allocated while demangling, freed if the text gets too long.
    void *taken[64];
} watch;

static void note(void *memory)
{
    for (size_t i = 0; i < sizeof watch.taken / sizeof *watch.taken; i++)
        if (!watch.taken[i]) {
            watch.taken[i] = memory;
            return;
        }
}

static void forget(void *memory)
{
    for (size_t i = 0; i < sizeof watch.taken / sizeof *watch.taken; i++)
        if (watch.taken[i] == memory)
            watch.taken[i] = NULL;
}

void *spawnscope_new(size_t size) __asm__("_Znwm");
void *spawnscope_new(size_t size)
{
    if (watch.is_active && size > watch.limit)
        longjmp(watch.end, 1);
    void *memory = malloc(size ? size : 1);
    if (!memory)
        abort();
    if (watch.is_active)
        note(memory);
    return memory;
}

void spawnscope_delete(void *memory) __asm__("_ZdlPv");
void spawnscope_delete(void *memory)
{
    if (watch.is_active && memory)
        forget(memory);
    free(memory);
}

void spawnscope_delete_sized(void *memory, size_t size) __asm__("_ZdlPvm");
void spawnscope_delete_sized(void *memory, size_t size)
{
    (void)size;
    spawnscope_delete(memory);
}

long demangle_swift(const char *name, size_t length, char *buffer, size_t capacity)
{
    memset(watch.taken, 0, sizeof watch.taken);
    // A string doubles its capacity when it grows.
    watch.limit = 4 * capacity;
    if (setjmp(watch.end)) {
        watch.is_active = 0;
        for (size_t i = 0; i < sizeof watch.taken / sizeof *watch.taken; i++)
            free(watch.taken[i]);
        return DEMANGLE_TOO_LONG;
    }
    watch.is_active = 1;
    char *text = swift_demangle(name, length, NULL, NULL, 0);
    watch.is_active = 0;
    if (!text)
        return DEMANGLE_NONE;
    size_t size = strlen(text);
    long result = size > capacity ? DEMANGLE_TOO_LONG : (long)size;
    if (result >= 0)
        memcpy(buffer, text, size);
    free(text);
    return result;
}
