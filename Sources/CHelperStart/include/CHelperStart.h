#ifndef SPAWNSCOPE_CHELPERSTART_H
#define SPAWNSCOPE_CHELPERSTART_H

/// Has Start.c be part of the program, in which all happens before main.
void chelper_start(void);

#endif
