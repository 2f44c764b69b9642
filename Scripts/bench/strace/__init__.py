"""What strace saw: reads its logs, works out what each process did, and holds that beside a report. It knows the rules of counting, and
nothing else of Spawnscope."""

# What tells of every spawn, in a run that is traced beside the one that is recorded.
TRACED = "fork,vfork,clone,clone3,execve,execveat,wait4,waitid,rt_sigaction"
# And of one that is recorded itself, who sent what, and each end.
TRACED_WHOLE = f"{TRACED},kill,tkill,tgkill,unshare,exit,exit_group"
