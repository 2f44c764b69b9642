"""Interleaved rounds: what is compared is measured in turns, so that a machine that changes its speed changes it for all."""

from bench.processes import say


def alternating(items, number):
    """The order of a round: every other one goes backwards."""
    return list(items) if number % 2 == 0 else list(reversed(items))


def rotated(items, number, rounds):
    """Likewise, and the first moves on from round to round, so that nobody always follows the same."""
    items = list(items)
    turn = number * len(items) // max(1, rounds)
    return alternating(items[turn:] + items[:turn], number)


def interleaved(items, measure, rounds, takes_part=lambda item, number: True):
    """Measures each item in each round; the results by item, in the order of the rounds."""
    results = {item: [] for item in items}
    for number in range(rounds):
        for item in alternating(items, number):
            if takes_part(item, number):
                results[item].append(measure(item, number))
    return results


def beside_bare(bare, tools, measure, rounds, bare_every=1, variant=lambda tool: None, takes_part=lambda tool, number: True):
    """Measures tools between bare runs: yields (round, tool, result, (bare run before, bare run after)) where all of them succeeded.

    `measure(tool, variant)` gives nothing where it fails. A tool has bare runs of its own variant of the program beside it, after
    `bare_every` tools of one variant. Noise is what bare differs by beside bare: where `bare` is one of the tools it is measured as
    they are; else each bare run behind tools counts, beside the one before it.
    """
    measure(bare, variant(bare))  # warms the caches
    for number in range(rounds):
        order = [tool for tool in rotated(tools, number, rounds) if takes_part(tool, number)]
        before, pending = {}, []
        for index, tool in enumerate(order):
            kind = variant(tool)
            if kind not in before:
                before = {kind: measure(bare, kind)}
            pending.append((tool, measure(tool, kind)))
            is_last = index == len(order) - 1 or variant(order[index + 1]) != kind
            if len(pending) < bare_every and not is_last:
                continue
            after = measure(bare, kind)
            for done, result in pending:
                if result is not None and before[kind] is not None and after is not None:
                    yield number, done, result, (before[kind], after)
            if bare not in tools and before[kind] is not None and after is not None:
                yield number, bare, after, (before[kind], before[kind])
            before, pending = {kind: after}, []
        say(f"round {number + 1} of {rounds}")
