#include "CFuzzer.h"

int spawnscope_fuzz(int argc, char **argv, spawnscope_fuzz_one one) {
    if (!LLVMFuzzerRunDriver) return -1;
    return LLVMFuzzerRunDriver(&argc, &argv, one);
}
