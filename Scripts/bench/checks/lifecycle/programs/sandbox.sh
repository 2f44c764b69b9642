#!/bin/sh
# bubblewrap: namespaces of every kind, with and without a first process of its own, ends inside and from outside: sandbox.sh
set -u
box() { bwrap --ro-bind / / --proc /proc --dev /dev "$@"; }
box /bin/sh -c '/bin/true; exit 3'
box --unshare-pid /bin/sh -c '/bin/true; (sleep 0.05; exit 4) & wait; kill -TERM $$'
box --unshare-all --die-with-parent /bin/sh -c '(/bin/sleep 0.05 &) ; /bin/true'
box --unshare-pid --as-pid-1 /bin/sh -c '(/bin/sleep 60 &); /bin/sleep 0.05'
box --unshare-user --uid 1000 --unshare-pid /bin/sh -c 'PATH=/nonexistent:/bin true'
box --unshare-pid /nonexistent/program
exit 0
