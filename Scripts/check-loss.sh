#!/usr/bin/env bash
# Checks that nothing is lost at the highest spawn rate that this machine reaches, and that what is lost is told: two
# loops start programs at full speed under `record`. In the rounds with the default ring, spawns seen must equal spawns
# made with nothing lost; in the round with a ring far too small, spawns seen and lost creations must add up to those
# made, and each event's samples in the file and its lost ones to what the kernel counted. Exits with 1 when a round
# does not.
#
#     Scripts/check-loss.sh [--rounds N] [--seconds N] [--small-ring SIZE] [--output FILE]
#
#     --rounds N          rounds with the default ring (default 3)
#     --seconds N         length of a round (default 60)
#     --small-ring SIZE   the ring that is too small (default 4K: one page)
#     --output FILE       the table (default Results/loss.md; - is standard output)
set -euo pipefail
# shellcheck source=Scripts/install-dependencies.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/install-dependencies.sh"

ROUNDS=3
SECONDS_EACH=60
SMALL_RING=4K
OUTPUT=$ROOT/Results/loss.md
read_options '--rounds ROUNDS a number' '--seconds SECONDS_EACH a number' '--small-ring SMALL_RING a size' \
    '--output OUTPUT a file' -- "$@"

need_recorder record info fold

# Of the summary: "task:task_newtask: 2 of 2002" gives 2; nothing gives 0.
lost_of() { sed -n "s/^spawnscope:   $1: \([0-9][0-9]*\).*/\1/p" "$SCRATCH/summary" | grep . || echo 0; }

BAD=0
check_once() {
    local name=$1 event made seen lost counted samples lost_creations folded rate verdict=adds\ up
    shift
    record_session "$@" -- "$WORKLOADS/two_loops" "${SECONDS_EACH}s" ||
        fail 1 "the recording failed: $(cat "$SCRATCH/summary")"
    made=$(program_count "$SCRATCH/printed")
    if ! seen=$(summary_spawns) || ! lost=$(summary_lost) || ! counted=$(summary_events); then
        fail 1 "no numbers in the summary: $(cat "$SCRATCH/summary")"
    fi
    lost_creations=$(lost_of task:task_newtask)
    samples=$("$SPAWNSCOPE" info "$SCRATCH/session" | sed -n 's/^  [a-z]*:[a-z_0-9]*: \([0-9]*\),.*/\0/p' |
        sed -e '/^  spawnscope:/d' -e 's/.*: \([0-9]*\),.*/\1/' | awk '{ sum += $1 } END { print sum }')
    folded=$("$SPAWNSCOPE" fold "$SCRATCH/session" 2>/dev/null | awk '{ sum += $NF } END { printf "%d\n", sum }')
    rate=$((made / SECONDS_EACH))
    # The dummy's lost ones are sideband records, and the programs' outputs (spawnscope:…) are not counted by the
    # kernel.
    for event in dummy spawnscope:{failed_exec,reaped,image_sizes,spawner_size}; do
        lost=$((lost - $(lost_of "$event")))
    done
    # What another process of the machine created may be among the lost.
    if [ "$made" -lt "$seen" ] || [ "$made" -gt $((seen + lost_creations)) ] || [ "$folded" != "$seen" ] ||
        [ $((samples + lost)) -ne "$counted" ]; then
        verdict=different
    elif [ "$lost" -eq 0 ]; then
        verdict=equal
    elif [ $# -eq 0 ]; then
        verdict=lost
    fi
    case $verdict in different | lost) BAD=$((BAD + 1)) && cat "$SCRATCH/summary" >&2 ;; esac
    add_row "| $name | $made | $rate | $seen | $folded | $lost_creations | $samples | $lost | $counted | $verdict |"
}

HEAD='| ring | spawns made | a second | seen | folded | creations lost | samples | events lost | events counted | |'
say "$HEAD"
for _ in $(seq "$ROUNDS"); do check_once default; done
check_once "$SMALL_RING" --ring-size "$SMALL_RING"

write_page "$OUTPUT" <<END
# Nothing lost, and what is lost is told

Two processes start \`/bin/true\` at full speed for $SECONDS_EACH s, recorded with call-site stacks. *Made* is the program's own
count, *seen* the summary's, *folded* the sum of \`fold\`. *Creations lost* are the lost events of \`task:task_newtask\`; *events
counted* are those that the kernel's counters have seen, whether they found room in the ring or not: samples in the file and events lost
must add up to them (lost sideband records, which are no samples, come on top).

    $(command_line)

$(measured_line)

$(print_table)
END
[ "$BAD" -eq 0 ] || fail 1 "$BAD of ${#ROWS[@]} rounds do not add up"
