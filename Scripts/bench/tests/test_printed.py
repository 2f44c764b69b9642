"""What programs print, in numbers."""

from bench import folds
from bench.benchmarks.compare_simulation import false_alarms, power
from bench.benchmarks.paired import times
from bench.benchmarks.unwind import rates
from bench.checks.debian import mirror_in
from bench.figures import pooled, quantile
from bench.fuzzing.targets import Figures, add_small_ones
from bench.summary import Summary, program_count, samples, samples_of

GOOD = "spawnscope: 5 spawns in 0.006 s: 5 executed\nspawnscope: 0 lost of 71 events\n"
LOST = """\
spawnscope: 1998 spawns in 1.0 s: 1996 executed
spawnscope: LOST 41 of 22023 events (0.2%): counts are too low; give --ring-size more
spawnscope:   task:task_newtask: 2 of 2002 (0.1%)
spawnscope:   dummy: 39
"""


def test_a_summary_has_spawns_and_events():
    assert (Summary(GOOD).spawns, Summary(GOOD).lost, Summary(GOOD).events) == (5, 0, 71)
    assert (Summary(LOST).spawns, Summary(LOST).lost, Summary(LOST).events) == (1998, 41, 22023)


def test_a_summary_without_numbers_has_none():
    assert (Summary("no such file").spawns, Summary("no such file").lost) == (None, None)


def test_losses_are_told_by_event():
    assert Summary(LOST).lost_of("task:task_newtask") == 2
    assert Summary(LOST).lost_of("dummy") == 39
    assert Summary(LOST).lost_of("task:task_new") == 0


def test_the_last_count_of_a_program_counts():
    assert program_count("spawned 3\nspawned 12\nspawned 1x\n") == 12
    assert program_count("done\n") is None


def test_samples_by_event():
    info = "events\n  dummy: 0, 0, 0\n  task:task_newtask: 1518, 0, 0\n  probe: 1, 0\n  probe: 2, 0\n"
    assert samples(info) == [("dummy", 0), ("task:task_newtask", 1518), ("probe", 1), ("probe", 2)]
    assert samples_of(info, "task:task_newtask") == 1518
    assert samples_of(info, "task") is None


def test_folded_lines_add_up():
    assert folds.total("a;b c 3\nd 4\n") == 7
    assert folds.weight([]) == 0


SCRIPT = """\
spawn loop  100/101  [001] 12.345678:          1 sched:sched_process_exec: filename=/bin/true
\tffff0000 do_exec+0x10 ([kernel.kallsyms])
\t00001000 main+0x3 (/a)

two   102 [000] 12.345679: 250000 cpu-clock:
\t00001000 run(int)+0x5 (/b/tool)
\t00002000 [unknown] (/b/tool)

""".splitlines(keepends=True)


def test_samples_of_one_event_are_chosen():
    chosen = "".join(folds.samples_of_event(SCRIPT, "cpu-clock"))
    assert chosen.startswith("two ")
    assert "do_exec" not in chosen
    assert "run(int)" in chosen
    # Without its end it would be taken for one with the next.
    assert chosen.endswith("(/b/tool)\n\n")


def test_a_frame_has_its_name_or_its_file():
    assert folds.frame_name("run(int)+0x5", "/b/tool") == "run"
    assert folds.frame_name("[unknown]", "/b/tool") == "[tool]"
    assert folds.frame_name("[unknown]", "[unknown]") == "[unknown]"
    assert folds.frame_name("os.(*File).Read+0x1", "/go") == "os.(*File).Read"


def test_rates_are_a_name_and_a_value():
    assert rates("stacks 300\nwarm 1.5e6 frames/s\n\nalone\n") == {"stacks": 300.0, "warm": 1.5e6}


SIMULATION = """\
## Nothing changed: every `worse` is a false alarm

| noise | recorded | runs a side | worse | better |
|---|---|---|---:|---:|
| normal | in turns | 10 | 0.1% | 5.0% |
| lognormal | in turns | 7 | 0.7% | 0.0% |

## Slower: every `worse` is right

| slower by | what | noise | recorded | runs a side | worse | better |
|---|---|---|---|---|---:|---:|
| 10% | both | normal | in turns | 10 | 100.0% | 0.0% |
| 10% | overhead alone | normal | in turns | 10 | 97.7% | 0.0% |
"""


def test_the_simulation_s_worst_and_best():
    assert false_alarms(SIMULATION) == 0.7
    assert power(SIMULATION) == 97.7
    assert power("") == 0


def test_the_mirror_of_apt():
    assert mirror_in("Types: deb\nURIs: http://deb.debian.org/debian/\nSuites: bookworm\n") == "http://deb.debian.org/debian"
    assert mirror_in("URIs: http://deb.debian.org/debian-security\n") is None
    assert mirror_in("deb [signed-by=/k.gpg] file:///srv/debian sid main\n") == "file:///srv/debian"


def test_figures_of_libfuzzer():
    log = (
        "#5 INITED cov: 12 ft: 20 corp: 1\n#9 NEW cov: 13 ft: 25 corp: 2\n"
        "stat::number_of_executed_units: 900\nstat::average_exec_per_sec: 30\nSUMMARY: libFuzzer: deadly signal\n"
    )
    assert Figures.of(log) == Figures(900, 30, 13, 25, "deadly signal")
    assert Figures.of("") == Figures(None, None, None, None, None)


def test_small_inputs_are_kept_first(tmp_path):
    source, corpus = tmp_path / "source", tmp_path / "corpus"
    source.mkdir()
    corpus.mkdir()
    for name, size in (("large", 90), ("small", 10), ("known", 5), ("middle", 40)):
        (source / name).write_bytes(b"x" * size)
    (corpus / "known").write_bytes(b"")
    assert add_small_ones(source, corpus, 60) == 2
    assert sorted(path.name for path in corpus.iterdir()) == ["known", "middle", "small"]


def test_the_lower_tenth_of_what_spawns_took():
    assert times("3.5 1.0 2.0\nspawned 3\n") == [3.5, 1.0, 2.0]
    assert quantile(list(range(120, 0, -1)), 0.1) == 13
    assert quantile([5.0], 0.1) == 5.0


def test_the_quantile_of_all_rounds():
    rounds = [([2.0 * n for n in range(1, 101)], [float(n) for n in range(1, 101)])] * 5
    assert pooled(rounds, 0.99) == (2.0, 2.0, 2.0)
