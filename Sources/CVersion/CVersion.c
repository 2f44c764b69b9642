#include "CVersion.h"

const char *cversion_commit(void) { return SPAWNSCOPE_COMMIT; }
