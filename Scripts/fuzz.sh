#!/usr/bin/env bash
# Fuzzes what parses other people's bytes: each target of Tests/Fuzz in turn, guided by coverage (libFuzzer).
#
#     Scripts/fuzz.sh [TARGET…] [--seconds N] [--turn N] [--no-keep] [--corpus DIR] [--findings DIR] [--out FILE]
#     Scripts/fuzz.sh --list       the targets and the longest inputs that they take, in bytes
#
#     TARGET          those alone; all without
#     --seconds N     for each target (60)
#     --turn N        two targets, whose turn it is at the number N: CI gives it the number of commits
#     --no-keep       the corpus stays as it is
#     --corpus DIR    what is kept (Tests/Fuzz/Corpus): inputs that reach code which the others do not
#     --findings DIR  where inputs go that crash, hang for 5 s, need 512 MiB, or merely take more than 1 s (.build-fuzz/findings); with each
#                     is said how to run it again
#     --out FILE      writes the figures as a page of Markdown
#
# Starts from the kept inputs, from what earlier runs here found (.build-fuzz/inputs), and from seeds of our own (fuzz_seeds.py). New inputs that reach code which no kept one reaches are added to
# the corpus, which every test run gives to the same targets (FuzzCorpusTests): commit them. Ends with 1 if something was found.
# Called by root, the fuzzer runs as nobody, since inputs name files. Needs a clang runtime for fuzzing, which Swift's toolchain has.
set -euo pipefail
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

BUILD=$ROOT/.build-fuzz
CORPUS=$ROOT/Tests/Fuzz/Corpus
FINDINGS=$BUILD/findings
SECONDS_EACH=60 TURN='' PAGE='' LIST='' KEEPS_INPUTS=1 TARGETS=() KNOWN=()
# A kept input is no longer, a target keeps no more, and all together do not, in bytes.
LONGEST_KEPT=24576 MOST_KEPT=229376 MOST_IN_ALL=2000000

read_arguments() {
    ARGUMENTS=("$@")
    while [ $# -gt 0 ]; do
        case $1 in
        --seconds | --turn | --corpus | --findings | --out)
            [ -n "${2:-}" ] || fail 64 "$1 needs a value"
            case $1 in
            --seconds) SECONDS_EACH=$2 ;;
            --turn) TURN=$2 ;;
            --corpus) CORPUS=$2 ;;
            --findings) FINDINGS=$2 ;;
            --out) PAGE=$2 ;;
            esac
            shift ;;
        --list) LIST=1 ;;
        --no-keep) KEEPS_INPUTS='' ;;
        -h | --help)
            sed -n '2,/^set /{/^set /d; s/^# \{0,1\}//; p}' "${BASH_SOURCE[0]}"
            exit ;;
        -*) fail 64 "unknown argument: $1; see --help" ;;
        *) TARGETS+=("$1") ;;
        esac
        shift
    done
    [[ $SECONDS_EACH =~ ^[0-9]+$ ]] || fail 64 "--seconds needs a number"
    [[ $TURN =~ ^[0-9]*$ ]] || fail 64 "--turn needs a number"
}

# In release mode: a debug build tries a tenth. gold cannot link two programs' main, lld takes ours.
build() {
    local swift
    swift=$(realpath -e -- "$(command -v swift || fail 69 "no swift in PATH")")
    compgen -G "${swift%/*}/../lib/clang/*/lib/linux/libclang_rt.fuzzer-$(uname -m).a" >/dev/null ||
        fail 69 "this Swift toolchain has no clang runtime for fuzzing (libclang_rt.fuzzer-$(uname -m).a); use one from swift.org"
    swift build --package-path "$ROOT" --scratch-path "$BUILD" -c release --product Fuzz \
        -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld >&2 </dev/null ||
        fail 70 "the fuzzer could not be built"
}

choose_targets() {
    local target index
    mapfile -t KNOWN < <("$BUILD/release/Fuzz" --list)
    if [ -n "$LIST" ]; then
        printf '%s\n' "${KNOWN[@]}"
        exit
    fi
    if [ -n "$TURN" ]; then
        for index in $((2 * TURN)) $((2 * TURN + 1)); do TARGETS+=("${KNOWN[index % ${#KNOWN[@]}]% *}"); done
    elif [ ${#TARGETS[@]} -eq 0 ]; then
        TARGETS=("${KNOWN[@]% *}")
    fi
    for target in "${TARGETS[@]}"; do longest "$target" >/dev/null || fail 64 "no such target: $target; see --list"; done
}

longest() { printf '%s\n' "${KNOWN[@]}" | sed -n "s/^$1 //p" | grep .; }

# fuzzer TARGET ARGUMENT…: libFuzzer, without rights and without our environment. A crash would otherwise wait for Swift's backtrace,
# tables of a megabyte would be mapped anew, page by page, for each input, and the running kernel's symbols be read for many.
fuzzer() {
    local hands=(env -i "PATH=$PATH" MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=268435456
        SWIFT_BACKTRACE=enable=no "SPAWNSCOPE_FUZZ_DIRECTORY=$SCRATCH/files")
    if is_root; then
        # shellcheck disable=SC2016  # for the inner shell
        hands=(unshare --mount sh -c 'mount --bind "$0" /proc/kallsyms 2>/dev/null; exec "$@"' "$SCRATCH/kallsyms"
            setpriv --reuid=65534 --regid=65534 --clear-groups "${hands[@]}")
    fi
    (cd -- "$SCRATCH" && "${hands[@]}" ./Fuzz "$@" </dev/null)
}

# prepare: everything in one directory that nobody may write to.
prepare() {
    SCRATCH=$(mktemp -d "$([ -d /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/spawnscope-fuzz.XXXXXX")
    trap 'remove_scratch' EXIT
    cp -- "$BUILD/release/Fuzz" "$SCRATCH/Fuzz"
    python3 "$ROOT/Scripts/fuzz_seeds.py" "$SCRATCH/seeds"
    printf '%s\n' 'ffffffff81000000 T _text' 'ffffffff81000100 t do_fork' 'ffffffffc0000000 t run [module]' >"$SCRATCH/kallsyms"
    mkdir -p -- "$SCRATCH/files" "$SCRATCH/kept" "$SCRATCH/found" "$SCRATCH/new"
    mkdir -p -- "$CORPUS" "$FINDINGS" "$BUILD/inputs"
    cp -R -- "$CORPUS/." "$SCRATCH/kept"
    cp -R -- "$BUILD/inputs/." "$SCRATCH/new"
    if is_root; then chown -R 65534:65534 -- "$SCRATCH"; fi
}

# run_target TARGET: fills ROWS, FOUND and the corpus.
run_target() {
    local target=$1 log=$SCRATCH/log status=0 most kept=$SCRATCH/kept/$1 new=$SCRATCH/new/$1 merged
    most=$(longest "$target")
    mkdir -p -- "$kept" "$new" "$SCRATCH/seeds/$target" "$CORPUS/$target"
    if is_root; then chown -R 65534:65534 -- "$kept" "$new" "$SCRATCH/seeds/$target"; fi
    fuzzer "$target" "$new" "$kept" "seeds/$target" "-max_total_time=$SECONDS_EACH" -timeout=5 -rss_limit_mb=512 \
        "-max_len=$most" -print_final_stats=1 -report_slow_units=1 "-artifact_prefix=found/$target-" >"$log" 2>&1 || status=$?
    cp -R -- "$new" "$BUILD/inputs/"
    keep_findings "$target" "$status"
    merged=$(keep_inputs "$target" "$most")
    tell "$target" "$log" "$merged" "$status"
}

keep_findings() {
    local target=$1 status=$2 input
    if [ "$status" -ne 0 ]; then
        FOUND=1
        cp -- "$SCRATCH/log" "$FINDINGS/$target.log"
    fi
    for input in "$SCRATCH/found/$target-"*; do
        [ -e "$input" ] || continue
        cp -- "$input" "$FINDINGS/"
        say "FOUND: $FINDINGS/${input##*/} ($(stat -c %s "$input") bytes)"
        say "  again: SWIFT_BACKTRACE=enable=no $BUILD/release/Fuzz $target $FINDINGS/${input##*/}"
    done
}

# keep_inputs TARGET LONGEST: adds the inputs that reach new code to the corpus, as long as they are small; prints how many.
keep_inputs() {
    local target=$1 most=$2 room rest size input count=0
    if [ -z "$KEEPS_INPUTS" ]; then
        echo 0
        return
    fi
    [ "$most" -le "$LONGEST_KEPT" ] || most=$LONGEST_KEPT
    mkdir -p -- "$SCRATCH/merged/$target"
    cp -R -- "$SCRATCH/kept/$target/." "$SCRATCH/merged/$target"
    if is_root; then chown -R 65534:65534 -- "$SCRATCH/merged"; fi
    fuzzer "$target" -merge=1 -use_counters=0 "-max_len=$most" "merged/$target" "new/$target" "seeds/$target" \
        >"$SCRATCH/merge.log" 2>&1 || say "merging $target failed: $(tail -n 1 "$SCRATCH/merge.log")"
    room=$((MOST_KEPT - $(kept_bytes "$target")))
    rest=$((MOST_IN_ALL - $(kept_bytes .)))
    [ "$rest" -ge "$room" ] || room=$rest
    # The small ones first.
    while read -r size input; do
        [ ! -e "$CORPUS/$target/$input" ] || continue
        [ "$size" -le "$room" ] || break
        install -m 0644 -- "$SCRATCH/merged/$target/$input" "$CORPUS/$target/$input"
        room=$((room - size)) count=$((count + 1))
    done < <(cd -- "$SCRATCH/merged/$target" && find . -type f -printf '%s %f\n' | sort -n)
    echo "$count"
}

kept_bytes() { find "$CORPUS/$1" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'; }

tell() {
    local target=$1 log=$2 merged=$3 status=$4 inputs rate coverage features what=nothing size slow
    slow=$(find "$SCRATCH/found" -name "$target-slow-unit-*" | wc -l)
    [ "$slow" -eq 0 ] || what="$slow of more than 1 s"
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    coverage=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)
    features=$(grep -oE 'ft: [0-9]+' "$log" | tail -n 1)
    [ "$status" -eq 0 ] || what=$(sed -n 's/^SUMMARY: libFuzzer: //p' "$log" | head -n 1)
    size=$(kept_bytes "$target")
    add_row "| $target | ${inputs:-?} | ${rate:-?} | ${coverage#cov: } | ${features#ft: } | $(find "$CORPUS/$target" -type f | wc -l) (+$merged), $size | ${what:-status $status} |"
}

# The sections below the figures are people's, and stay.
write_figures() {
    local sections=''
    if [ -f "$PAGE" ]; then sections=$(sed -n '/^## /,$p' "$PAGE"); fi
    {
        echo "# Fuzzing"
        echo
        echo "Each target from its kept corpus and its seeds for $SECONDS_EACH s, one after the other. *Edges* are branches of Spawnscope's own code"
        echo "that were reached, *features* those with how often; C libraries are not counted. *Found*: traps, hangs of 5 s, 512 MiB of memory."
        echo
        print_table
        echo
        echo "In all $(printf '%s\n' "${ROWS[@]}" | awk -F '|' '{ sum += $3 } END { print sum }') inputs."
        echo
        echo "    $(command_line)"
        echo
        measured_line
        if [ -n "$sections" ]; then printf '\n%s\n' "$sections"; fi
    } | write_page "$PAGE"
}

read_arguments "$@"
build
choose_targets
prepare
HEAD='| target | inputs tried | a second | edges | features | kept inputs, bytes | found |'
FOUND=''
say "$HEAD"
for target in "${TARGETS[@]}"; do run_target "$target"; done
if [ -n "$PAGE" ]; then write_figures; fi
[ -z "$FOUND" ] || exit 1
