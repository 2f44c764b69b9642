#!/usr/bin/env bash
# Records a session of every way to spawn, exports it in every format, and has each format read by the tools that it is for: go tool
# pprof, DuckDB, strict readers of speedscope's and Chrome's. Their sums must be the report's; exits with 1 where they are not.
#
#     Scripts/check-exports.sh [--output FILE]
#
#     --output FILE    where the table goes (default -, standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

OUTPUT=-
read_options '--output OUTPUT a file' -- "$@"

need_recorder record report fold export
install_duckdb
GO_PROGRAM=$(go_program)
[ -n "$GO_PROGRAM" ] || fail 69 "go tool pprof is needed: unset SPAWNSCOPE_WITHOUT_GO"

# Each way to create, programs that fail to start, plain workers, shells, Python, Go; and one that is left running.
cat >"$SCRATCH/workload.sh" <<'END'
for method in fork vfork posix_spawn posix_spawnp clone3 system; do "$1/spawn_loop" -m "$method" 20; done
python3 "$2/Tests/Workloads/spawn_loop.py" 10
"$1/spawn_loop_go" 20
/nonexistent/program "a;b" || /etc/passwd
(exit 3)
cp /bin/true "$3/program with \"quotes\", and commas" && "$3/program with \"quotes\", and commas"
sleep 1 &
END
record_session -- /bin/sh "$SCRATCH/workload.sh" "$WORKLOADS" "$ROOT" "$SCRATCH" ||
    [ -s "$SCRATCH/session" ] || fail 1 "could not record: $(cat -- "$SCRATCH/summary")"
[ "$(summary_lost)" = 0 ] || fail 1 "events were lost: $(cat -- "$SCRATCH/summary")"

STATUS=0
PYTHONPATH=$DUCKDB_DIRECTORY timeout --kill-after=5 300 "$PYTHON" "$ROOT/Scripts/check_exports.py" \
    "$SPAWNSCOPE" "$GO_PROGRAM" "$SCRATCH/session" "$SCRATCH" >"$SCRATCH/rows" || STATUS=$?
{
    cat <<END
# Exports, opened by the tools that they are for

One session of $(summary_spawns) spawns, made in every way, exported in every format. Compared with \`report\`: the number of spawns, overhead, every phase,
total and blocked; DuckDB also counts the spawns of each program.

    $(command_line)

$(measured_line)

END
    cat "$SCRATCH/rows"
} | write_page "$OUTPUT"
exit "$STATUS"
