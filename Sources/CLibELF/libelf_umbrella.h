#include <elf.h>
#include <libelf.h>
#include <gelf.h>
// getauxval(3), which the importer of Glibc leaves out.
#include <sys/auxv.h>
