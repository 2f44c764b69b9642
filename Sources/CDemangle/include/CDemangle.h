// Demanglers of others that are stopped when their text gets too long: a name of 300 bytes may stand for one of gigabytes, since both
// manglings let a name refer to what it has said already, and neither libiberty nor the Swift runtime has a limit.
#ifndef CDEMANGLE_H
#define CDEMANGLE_H

#include <stddef.h>

/// No mangled name; one whose text is longer than the buffer, or takes too much work.
static const long DEMANGLE_NONE = -1, DEMANGLE_TOO_LONG = -2;

/// C++ and both manglings of Rust, without parameters, as libiberty's cplus_demangle(name, 0). The bytes of the text in `buffer`, or one of the
/// above.
long demangle_cplus(const char *name, char *buffer, size_t capacity);

/// Swift, by the runtime's swift_demangle.
long demangle_swift(const char *name, size_t length, char *buffer, size_t capacity);

#endif
