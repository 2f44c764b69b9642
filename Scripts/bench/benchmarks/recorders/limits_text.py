"""What stands between Spawnscope and a goal that it misses: the limit, and what was tried."""

OVERHEAD = """\
**CPU of a recorded spawn.** Most of what remains is the kernel's, in the processes that are recorded (see *Where the time goes*):

- While any tracepoint of a system call is live, every system call of the machine leaves the kernel's fast path, and passes the tracepoints of entry
  and return. A spawn of `/bin/true` makes some 140 calls, of which 7 are recorded: posix_spawn alone asks for the action of each of 64 signals.
  That is 2 to 3 hundredths of the loop, and more than the goal at 1,000 spawns a second by itself. perf record of the same events pays the same;
  `--no-syscalls` does not, and knows fewer phases.
- A spawn is 14 events, two of them with a callchain, and nine records of the side band: 2 to 3 hundredths. Each border of a phase is one event;
  without one of them, a phase is not known.
- Of the recorder itself 2 µs a spawn are left while the command runs (8 with complete stacks, whose pieces of stack are copied). When it has ended, the
  summary that is printed takes 4 (none with `-q`), and unwinding and naming 6 (12), which `--no-pack` leaves to the reader.

Tried: BPF programs at the entry and return of the calls themselves (fentry, fexit) would leave the slow path out. The kernel that this was developed
on refuses to load them (EPERM, all capabilities of BPF given), so they could not be tested and are not there. Filters in the kernel are used
wherever an event has fields to decide by (threads, waits that reaped nothing, signals that end nobody); they do not spare the slow path. One ring a
CPU is shared by all events, woken at a MiB. Asking for the names of a stack once, by its addresses, took a fifth off packing."""

LATENCY = """\
**p99 of the latency.** Tried with pieces of stack of several sizes, medians of 20 rounds in turns, `--no-pack`: bare 0.83 ms; none 0.93, 1 KiB 0.91, 4 KiB
0.95, 16 KiB (the default) 1.01. Most of it is there without any piece; the copy of the 16 KiB into the ring, within the creating call, adds to it. Waking
the recorder four times as often (`--ring-size 1M`) brings nothing: bare 0.77, 4 KiB 0.91 and then 0.88, 16 KiB 0.93 and then 0.90, which is within the spread."""

FOLD = """\
**Folding.** One CPU takes some 300 ns a sample, of which reading and ordering records is a sixth, and the kernel takes 50 ms to write its own symbols
before the first kernel frame has a name. A second thread that reads and orders ahead brought nothing, since both touch every record; two passes
over all records, each with half of the samples, bring half as much again. perf script's own speed moves by a third with the number of processes."""

UNWOUND = """\
**Folding pieces of stack.** Nearly all of such a recording are the pieces, and perf script reads those of 100 MiB and more by 130 to 300 MiB a second, so
that fifty times as fast would be 6 to 15 GiB a second; to copy one of 1,006 MiB from the page cache (`wc -l`) takes 0.20 s, which is 5 GiB a second and
some 20 times as fast as perf script. It has 121,501 samples among 547,516 mappings of 22,750 processes. Of the 0.77 s that folding it takes one CPU, two fifths follow these
mappings, 0.23 s are unwinding (`--names perf`, which does not unwind, takes 0.54 s), and 0.05 s the kernel's symbols. The work is not
shared by two CPUs: each would have to follow all mappings and to read past all pieces."""

MEMORY = """\
**Memory.** What grows are distinct stacks, which are the output, and the maps of processes that came to an end, of which 8,192 are kept."""

START = """\
**Start.** Opening the events takes most of it: some 30 on every CPU, and the kernel's type information is looked through for a few offsets."""

TEXTS = (
    ("CPU", OVERHEAD),
    ("p99", LATENCY),
    ("and more, frame pointers", FOLD),
    ("pieces of stack", UNWOUND),
    ("peak memory", MEMORY),
    ("record -- true", START),
)


def text(document):
    """A paragraph for each kind of goal that was missed."""
    missed = [goal["goal"] for goal in document["goals"] if goal["met"] is False]
    return "\n\n".join(words for key, words in TEXTS if any(key in name for name in missed))
