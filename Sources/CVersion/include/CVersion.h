#pragma once

/// The commit that the program was built from, as `git describe --always --dirty` calls it; empty where the build was not told.
const char *cversion_commit(void);
