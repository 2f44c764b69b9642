#!/bin/sh
# Starts nginx on a socket of its own, reloads and stops it: nginx.sh DIRECTORY
set -eu
cd -- "$1"
mkdir -p logs
cat >nginx.conf <<END
user nobody nogroup;
worker_processes 2;
pid $PWD/nginx.pid;
error_log $PWD/logs/error.log;
events { worker_connections 16; }
http {
    access_log off;
    client_body_temp_path $PWD/body; proxy_temp_path $PWD/proxy; fastcgi_temp_path $PWD/fastcgi;
    uwsgi_temp_path $PWD/uwsgi; scgi_temp_path $PWD/scgi;
    server { listen unix:$PWD/socket; }
}
END
chmod 755 .
nginx -p "$PWD" -c "$PWD/nginx.conf" -t
nginx -p "$PWD" -c "$PWD/nginx.conf"
sleep 0.2
nginx -p "$PWD" -c "$PWD/nginx.conf" -s reload
sleep 0.5
kill -KILL "$(ps -o pid= --ppid "$(cat nginx.pid)" | head -n 1)"
sleep 0.3
nginx -p "$PWD" -c "$PWD/nginx.conf" -s quit
