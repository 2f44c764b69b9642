#!/usr/bin/env bash
# Fuzzes what parses other people's bytes: each target of Tests/Fuzz in turn, guided by coverage (libFuzzer).
#
#     Scripts/fuzz.sh [TARGET…] [--seconds N] [--list] …        see --help
exec python3 "$(dirname -- "${BASH_SOURCE[0]}")/bench" run fuzz "$@"
