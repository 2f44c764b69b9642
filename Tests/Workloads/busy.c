// Keeps one CPU busy for a time, three quarters of it in `hot`, for recordings of cpu-clock.
//
//     busy MILLISECONDS        main → step → hot, main → step → cold → leaf; it spawns nothing

#include <time.h>

#include "workload.h"

#define FRAME __attribute__((noipa))

static volatile unsigned long sink = 1;

FRAME void hot(long turns) {
    for (long turn = 0; turn < turns; turn++) sink = sink * 2862933555777941757UL + 3037000493UL;
}

FRAME void leaf(long turns) {
    for (long turn = 0; turn < turns; turn++) sink = sink * 2862933555777941757UL + 3037000493UL;
}

FRAME void cold(long turns) { leaf(turns); }

FRAME void step(void) {
    hot(30000);
    cold(10000);
}

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: busy MILLISECONDS\n");
        return 64;
    }
    long end = milliseconds() + workload_count(argv[1]);
    while (milliseconds() < end) step();
    workload_report(0);
    return 0;
}
