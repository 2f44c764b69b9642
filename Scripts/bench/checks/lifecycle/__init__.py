"""Every spawn beside strace: our own workloads, and programs of others."""
