#!/bin/sh
# Makes a cluster, starts it, asks it one thing and stops it, as another user than root: postgresql.sh DIRECTORY PROGRAMS
set -eu
cd -- "$1"
as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
chown 65534:65534 .
export HOME="$PWD" LC_ALL=C
as_user "$2/initdb" -D "$PWD/cluster" -N -A trust -U someone >initdb.log
as_user "$2/pg_ctl" -D "$PWD/cluster" -l "$PWD/log" -w -t 60 -o "-c listen_addresses= -k $PWD" start
as_user "$2/psql" -h "$PWD" -U someone -d postgres -c 'select 1'
as_user "$2/psql" -h "$PWD" -U someone -d postgres -c "copy (select 1) to program 'cat >/dev/null'"
as_user "$2/pg_ctl" -D "$PWD/cluster" -w -m fast stop
