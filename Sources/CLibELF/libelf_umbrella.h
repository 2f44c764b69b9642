#include <elf.h>
#include <libelf.h>
#include <gelf.h>
// getauxval(3), which the importer of Glibc leaves out.
#include <sys/auxv.h>
// sched_getaffinity(2) is declared for _GNU_SOURCE alone.
#include <stddef.h>
int sched_getaffinity(int process, size_t size, void *set);
