#!/bin/sh
# A 64-bit shell that starts 32-bit programs, which start 64-bit ones: mixed.sh COMPAT32
"$1" library /bin/true
/bin/true
("$1" library "$1")
/bin/sh -c '"$1" old-exec; exit 3' sh "$1"
PATH=/nonexistent:$(dirname -- "$1") "$(basename -- "$1")" old-fork
"$1" library /bin/true &
wait
exit 0
