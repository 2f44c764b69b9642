#include "CDemangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

struct Text {
    char *buffer;
    size_t capacity;
    size_t length;
    jmp_buf end;
};

// libiberty's callback variants use no memory but the stack, so that leaving them early by longjmp(3) leaks nothing.
static void append(const char *piece, size_t length, void *opaque)
{
    struct Text *text = opaque;
    if (length > text->capacity - text->length)
        longjmp(text->end, 1);
    memcpy(text->buffer + text->length, piece, length);
    text->length += length;
}

// libiberty parses a conversion operator's template arguments twice, and so nested ones four times: 400 bytes with 26
// operators take 12 s before any text comes. `cv` is that operator; no name of clang, lldb, node and Swift's compiler
// has it more than twice.
enum { MOST_CONVERSIONS = 12 };

static int is_slow(const char *name)
{
    int conversions = 0;
    for (const char *place = strstr(name, "cv"); place; place = strstr(place + 2, "cv"))
        conversions++;
    return conversions > MOST_CONVERSIONS;
}

long demangle_cplus(const char *name, char *buffer, size_t capacity)
{
    struct Text text = {.buffer = buffer, .capacity = capacity};
    if (setjmp(text.end))
        return DEMANGLE_TOO_LONG;
    // Rust's older mangling is also a valid one of C++, so Rust comes first.
    if (rust_demangle_callback(name, DMGL_AUTO, append, &text))
        return (long)text.length;
    text.length = 0;
    if (is_slow(name))
        return DEMANGLE_TOO_LONG;
    if (cplus_demangle_v3_callback(name, DMGL_AUTO, append, &text))
        return (long)text.length;
    return DEMANGLE_NONE;
}
