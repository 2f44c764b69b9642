// Calls the demanglers of libiberty and the Swift runtime, and stops them when their text gets too long: a name of 300
// bytes may stand for gigabytes, since both manglings have back-references, and neither demangler has a limit.
#ifndef CDEMANGLE_H
#define CDEMANGLE_H

#include <stddef.h>

/// The name is not mangled; its text is longer than the buffer, or takes too much work.
static const long DEMANGLE_NONE = -1, DEMANGLE_TOO_LONG = -2;

/// Demangles C++ and both manglings of Rust, without parameters, like libiberty's cplus_demangle(name, 0). Returns the
/// size of the text in `buffer` in bytes, or one of the above.
long demangle_cplus(const char *name, char *buffer, size_t capacity);

/// Demangles Swift with the runtime's swift_demangle. Returns the same as demangle_cplus.
long demangle_swift(const char *name, size_t length, char *buffer, size_t capacity);

#endif
