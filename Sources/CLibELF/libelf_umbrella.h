#include <elf.h>
#include <libelf.h>
#include <gelf.h>
