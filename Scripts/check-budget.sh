#!/usr/bin/env bash
# Checks that a budget is a gate to be believed, on a real program's own test suite, that of the build tool ninja (Debian's source
# package): the budget that `--init` makes is kept three times in a row; then the program gets one call of git more, and the budget
# has to fail and to name the function that made the call. Exits with 1 where one of this is not so.
#
#     Scripts/check-budget.sh [--runs N] [--output FILE]
#
#     --runs N         runs that have to stay within the budget (default 3)
#     --output FILE    the result (default Results/budget.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

RUNS=3
OUTPUT=$ROOT/Results/budget.md
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --runs) RUNS=${2:?--runs needs a number} && shift 2 ;;
    --output) OUTPUT=${2:?--output needs a file} && shift 2 ;;
    *) fail 64 "unknown argument: $1" ;;
    esac
done

install_dependencies test
is_root || fail 77 "recording needs root: sudo -E $0"
need_spawnscope
make_scratch

build() {
    (cd -- "$SOURCE" && if [ ! -x ninja ]; then python3 configure.py --bootstrap; fi && ./ninja -j2 ninja_test) >"$SCRATCH/build.log" 2>&1 </dev/null ||
        { cat "$SCRATCH/build.log" >&2 && fail 70 "ninja could not be built"; }
}

# The tests that kill a shell while it starts its next program make one program more or fewer from run to run.
TESTS=(./ninja_test '--gtest_filter=-SubprocessTest.Interrupt*')
BUDGET=$SCRATCH/spawn-budget.yml

# check_run NAME STATUS: one recording held against the budget; it has to end so.
ROWS=()
WRONG=0
check_run() {
    local name=$1 expected=$2 status=0 mark=ok
    (cd -- "$SOURCE" && TMPDIR=$SCRATCH/tmp "$SPAWNSCOPE" record -o "$SCRATCH/session" --budget "$BUDGET" \
        --budget-output "$SCRATCH/verdict" -- "${TESTS[@]}") \
        >"$SCRATCH/tests.out" 2>"$SCRATCH/record.err" </dev/null || status=$?
    if [ "$status" -ne "$expected" ]; then
        mark=wrong
        WRONG=$((WRONG + 1))
        cat "$SCRATCH/record.err" "$SCRATCH/verdict" >&2 || true
    fi
    # Its last line is the verdict, with the file's name behind it.
    ROWS+=("| $name | $status | $expected | $(tail -n 1 "$SCRATCH/verdict" | sed 's/ ([^(]*)$//') | $mark |")
    say "${ROWS[-1]}"
}

fetch_source ninja-build || fail 69 "the source package of ninja-build could not be had"
tar -C "$SCRATCH" -xf "$SCRATCH"/source/ninja-build_*.orig.tar.gz
SOURCE=$(echo "$SCRATCH"/ninja-[0-9]*)
say "building $(basename -- "$SOURCE")"
build
# Where the tests leave what they make.
mkdir -- "$SCRATCH/tmp"
(cd -- "$SOURCE" && TMPDIR=$SCRATCH/tmp "$SPAWNSCOPE" record -o "$SCRATCH/session" -- "${TESTS[@]}") >/dev/null 2>&1 </dev/null
"$SPAWNSCOPE" budget "$SCRATCH/session" --file "$BUDGET" --init
for run in $(seq "$RUNS"); do check_run "unchanged, run $run" 0; done

# What somebody might well add to a function: the revision, asked of git, once. In the function itself, since a new one would
# be inlined into it, and has no frame of its own then.
sed -i -e '1i #include <stdio.h>' -e '/^void ParseVersion/a \
  static bool known = false;\
  if (!known) {\
    known = true;\
    if (FILE* git = popen("git --version", "r")) pclose(git);\
  }' "$SOURCE/src/version.cc"
build
check_run "one git more" 1
cp -- "$SCRATCH/verdict" "$SCRATCH/over"
NAMED='1 from .*> ParseVersion \[ninja_test\], starting /bin/sh  <- .*new call site'
GIT='1 from .*\[sh\], starting [^ ]*/git  <- .*new program'
for line in "$NAMED" "$GIT"; do
    grep -q "$line" "$SCRATCH/over" || {
        WRONG=$((WRONG + 1))
        say "not named: $line"
    }
done
# The change is meant: the numbers are set, and the gate is green again.
"$SPAWNSCOPE" budget "$SCRATCH/session" --file "$BUDGET" --update >"$SCRATCH/diff"
check_run "one git more, after --update" 0

table() {
    cat <<END
# A budget on a real test suite

\`$(basename -- "$SOURCE")\`'s own tests (\`${TESTS[*]}\`), recorded and held against the budget that
\`spawnscope budget --init\` wrote from one run before: $(grep -c '^  - name:' "$BUDGET") budgets. Left out are its tests of interruption: those kill a
shell while it starts the next program, so that their numbers differ by one or two from run to run, which a budget takes for
what it is. Then one function of ninja's, \`ParseVersion\`, got a call of \`popen("git --version", "r")\`, made once. (A shell has no
functions of its own in its stack, so that git itself is told by its name, and the function by the shell that it starts.)

    Scripts/check-budget.sh${ARGUMENTS[*]:+ ${ARGUMENTS[*]}}

$(date -u +%Y-%m-%d), $(revision_line), $(machine_line)

| run | exit | expected | verdict | |
|---|---:|---:|---|---|
$(printf '%s\n' "${ROWS[@]}")

What it says of the call of git:

$(sed -n '/OVER/,/elsewhere/p' "$SCRATCH/over" | sed 's/^/    /')

What \`--update\` changed:

$(grep '^[-+] ' "$SCRATCH/diff" | sed 's/^/    /')
END
}
if [ "$OUTPUT" = - ]; then
    table
else
    mkdir -p -- "$(dirname -- "$OUTPUT")"
    table >"$OUTPUT"
    say "written: $OUTPUT"
fi
[ "$WRONG" -eq 0 ] || fail 1 "$WRONG checks failed"
