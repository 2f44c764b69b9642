# Every way that a shell starts processes: SHELL lifecycles.sh MODE [COUNT]; --modes lists the modes.
# shellcheck shell=sh
# shellcheck disable=SC2317,SC2116  # modes are called by their names; what is odd is the point
# Programs are named by their paths, since a shell may know `true` and `echo` itself. Nothing is counted here: whether a
# shell forks for the last command of a subshell is its own affair.
modes='pipeline substitution subshell background logic here exec script missing signals trap nested'

pipeline() { /bin/echo one | /bin/cat | /usr/bin/wc -l >/dev/null; }

substitution() {
    text=$(/bin/echo one)
    text=$(echo builtin)
    text=$(/bin/echo "$(/bin/echo two)")
    : "$text"
}

subshell() {
    (/bin/true)
    (/bin/true; exit 3)
    (exit 4)
}

background() {
    /bin/sleep 0.02 &
    (exit 5) &
    wait
    /bin/true &
    wait $!
}

logic() { /bin/false || /bin/true && ! /bin/false; }

here() {
    /bin/cat >/dev/null <<TEXT
$(/bin/echo one)
TEXT
}

exec_last() { (exec /bin/true); (exec /usr/bin/env /bin/true); (exec /bin/sh -c 'exec /bin/true'); }

script() {
    # No `#!`: the kernel refuses it, and the shell runs it itself in the process that it forked.
    file=${TMPDIR:-/tmp}/spawnscope-shell-script
    echo '/bin/true; exit 6' >"$file"
    /bin/chmod 755 "$file"
    "$file"
    echo '#!/bin/sh
/bin/true; exit 7' >"$file"
    "$file"
    /bin/rm -f "$file"
}

missing() {
    /nonexistent/program
    no-such-program-in-path
    /etc/passwd
    /bin
} 2>/dev/null

signals() {
    /bin/sh -c 'kill -TERM $$'
    /bin/sh -c 'kill -KILL $$'
    /bin/sleep 60 &
    /bin/sleep 0.1 # so that it is that program by now
    kill -HUP $!
    wait $!
} 2>/dev/null

trap_exit() { (trap '/bin/true' EXIT; exit 8); }

nested() { /bin/sh -c '/bin/sh -c "/bin/true; /bin/true"; /bin/true'; }

mode=${1:?usage: SHELL lifecycles.sh MODE [COUNT]}
count=${2:-1}
case $mode in
--modes) echo "$modes" && exit 0 ;;
exec) body=exec_last ;;
trap) body=trap_exit ;;
*) body=$mode ;;
esac
case " $modes " in
*" $mode "*) ;;
*) echo "lifecycles.sh: no such mode: $mode" >&2 && exit 64 ;;
esac
round=0
while [ "$round" -lt "$count" ]; do
    $body
    round=$((round + 1))
done
exit 0
