#!/bin/sh
# Runs each mode of a lifecycle workload once, one after the other: every_mode.sh PROGRAM [ARGUMENT…]
# The modes that LEFT_OUT names are left out.
for mode in $("$@" --modes); do
    case " ${LEFT_OUT:-} " in *" $mode "*) continue ;; esac
    "$@" "$mode" 1
done
