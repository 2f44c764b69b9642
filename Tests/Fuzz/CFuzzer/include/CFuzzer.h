/// libFuzzer's driver, where the program was linked with it (-sanitize=fuzzer), and a plain answer where it was not.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef int (*_Nonnull spawnscope_fuzz_one)(const uint8_t *_Nullable bytes, size_t count);

/// Of libFuzzer's public interface (FuzzerInterface in LLVM's compiler-rt); weak, since an ordinary build lacks it.
int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv, spawnscope_fuzz_one one)
    __attribute__((weak));

/// Runs the driver and gives its exit status; -1 without one.
int spawnscope_fuzz(int argc, char *_Nullable *_Nonnull argv, spawnscope_fuzz_one one);
