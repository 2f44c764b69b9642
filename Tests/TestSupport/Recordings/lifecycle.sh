# shellcheck shell=sh
# shellcheck disable=SC2034,SC2046  # what is started is the point
/bin/true
/bin/true | /bin/cat
x=$(/bin/echo $(/bin/true))
(exit 3)
nosuchprogram
/etc/passwd
env /bin/sh -c '/bin/true; :'
sh -c 'kill -9 $$'
sleep 0.02 & wait
(sleep 0.05 &)
/bin/false
exit 5
