# What make starts: recipes that it executes itself, recipes for a shell, functions, failures that are ignored, another make.
# make -s -j4 -f lifecycles.mk
SHELL = /bin/sh
MAKEFLAGS += --no-builtin-rules
PLAIN = plain-1 plain-2 plain-3 plain-4 plain-5 plain-6
SHELLED = shelled-1 shelled-2 shelled-3 shelled-4
WORD := $(shell /bin/echo word)

.PHONY: all again $(PLAIN) $(SHELLED) failing missing killed

all: $(PLAIN) $(SHELLED) failing missing killed again

$(PLAIN):
	@/bin/true

$(SHELLED):
	@/bin/true; /bin/true; test $(WORD) = word

failing:
	-@/bin/false

missing:
	-@/nonexistent/program

killed:
	-@kill -TERM $$$$; :

again:
	@$(MAKE) --no-print-directory -s -f $(firstword $(MAKEFILE_LIST)) plain-1 shelled-1
