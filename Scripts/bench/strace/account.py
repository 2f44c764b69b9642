"""What a lifecycle amounts to: `totals`, `failures` and `spawns` as `spawnscope report --format json --spawns` has them, without call
sites. Each spawn also has `parent`, what its spawner was started as, and `reaped`, whether a wait of its parent took it; null for orphans
and what is still there, of which the parent cannot have a say; and `sibling`, whether it is its spawner's (CLONE_PARENT).
"""


def report(lifecycle):
    spawns = [spawn_of(lifecycle, process) for process in lifecycle.spawns]
    failures = lifecycle.failures
    return {
        "totals": {
            "spawns": len(spawns),
            "execs": lifecycle.execs,
            "forked": sum(spawn["outcome"] == "forked" for spawn in spawns),
            "failed": sum(spawn["outcome"] == "failed" for spawn in spawns),
            "failed_attempts": sum(failures.values()),
            "failed_creations": lifecycle.failed_creations,
            "unreaped": sum(spawn["unreaped"] for spawn in spawns),
            "orphaned": sum(spawn["orphaned"] for spawn in spawns),
            "unfinished": sum(spawn["unfinished"] for spawn in spawns),
        },
        "failures": [{"path": path, "errno": error, "attempts": attempts} for (path, error), attempts in failures.items()],
        "spawns": spawns,
    }


def spawn_of(lifecycle, process):
    is_taken = process.consumed or process.reaped_by_kernel or process.orphaned
    unreaped = process.unreaped or (process.ended and process.parent is not None and not is_taken)
    orphaned = process.orphaned or (not process.ended and process.parent is not None and process.parent.ended)
    gone = process.ended and not orphaned and not unreaped
    return {
        "method": process.method,
        "outcome": process.outcome,
        "path": process.path,
        "status": process.status,
        "signal": process.signal,
        "unreaped": unreaped,
        "orphaned": orphaned,
        "unfinished": not process.ended,
        "reaped": process.consumed if gone else None,
        "parent": started_as(lifecycle, process.spawner),
        "pid": process.pid,
        "ppid": process.spawner.pid if process.spawner else None,
        "sibling": process.parent is not process.spawner,
        "programs": process.programs,
        "execs": process.execs,
        "failed_attempts": process.failed_attempts,
        "argv0": process.argv0,
        "argv_bytes": process.argument_bytes,
        "environment_bytes": process.environment_bytes,
        "senders": process.senders,
        "compat": process.is_compat,
        "parent_compat": [other.is_compat for other in (process.spawner, process.parent) if other is not None],
        "made": process.made,
        "executed": process.executed,
        "ended": (process.last_call, process.ended_before),
        "close": process.is_close,
    }


def started_as(lifecycle, spawner):
    if spawner is None:
        return "[strace]"
    if spawner is lifecycle.root and not lifecycle.whole:
        return "[root]"
    return spawner.path or f"[{spawner.outcome}]"
