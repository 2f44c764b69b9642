#!/usr/bin/env bash
# What recording costs the recorded program: spawn loops bare, under spawnscope, under `perf record -a -g` with like
# events, and under `strace -f`, in interleaved rounds; CPU and wall time as ratios to the bare runs beside each.
#
#     Scripts/benchmark-overhead.sh [--rounds N] [--strace-rounds N] [--count N] [--workloads LIST] [--tools LIST]
#                                   [--output NAME] [-- RECORD-OPTION…]
#
#     --rounds N           rounds for each workload (default 40)
#     --strace-rounds N    the rounds that strace takes part in (default 3: it is slow and its ratio is large)
#     --count N            spawns of one run (default 1000)
#     --workloads LIST     of c,go,dash,python (default c,go,dash)
#     --tools LIST         of bare,spawnscope,perf,strace (the default; `bare` is the control, bare beside bare), chains
#                          (spawnscope without stack dumps), link (with --link) and perf-dwarf
#     --output NAME        writes NAME.md and NAME.json (default Results/overhead)
#     RECORD-OPTION…       further options for `spawnscope record`
#
# Needs root. Takes about two minutes a workload; nothing else should run.
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

case "${1:-}" in -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;; esac
need_root
install_dependencies test
case " $* " in
*" --tools "*spawnscope* | *" --tools="*spawnscope*) need_spawnscope record ;;
*" --tools"*) SPAWNSCOPE=- ;;
*) need_spawnscope record ;;
esac
need_workloads
make_scratch
"$PYTHON" "$ROOT/Scripts/benchmark_overhead.py" --spawnscope "$SPAWNSCOPE" --directory "$WORKLOADS" \
    --scratch "$SCRATCH" --machine "$(machine_line)" --revision "$(revision_line)" \
    --output "$ROOT/Results/overhead" "$@" </dev/null
