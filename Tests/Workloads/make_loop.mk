# Every target makes exactly two spawns: make starts a shell, because `;` is a shell's, and the shell starts the
# command, which it cannot replace itself by, since `:` still follows.
SHELL = /bin/sh
MAKEFLAGS += --no-builtin-rules

.PHONY: all $(TARGETS)

all: $(TARGETS)
	$(info spawned $(COUNT))

$(TARGETS):
	@/bin/true; :
