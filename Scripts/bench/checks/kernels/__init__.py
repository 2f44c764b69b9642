"""What is recorded on Debian's kernels, emulated in software."""
