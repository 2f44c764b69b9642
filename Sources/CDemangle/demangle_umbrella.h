// libiberty demangles C++ and both manglings of Rust; libswiftCore exports swift_demangle without a public header.
#include <stddef.h>
#include <stdint.h>
#include <libiberty/demangle.h>

char *swift_demangle(const char *mangledName, size_t mangledNameLength, char *outputBuffer,
                     size_t *outputBufferSize, uint32_t flags);
