#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Has lighttpd do what a web server does, and writes for each request and each check
# a line that begins with "ok" or "FAILED". Argument: the file to write to.
set -u
results=$1
failed=0
: >"$results"

# try NAME COMMAND…: the command succeeds.
try() {
  name=$1
  shift
  if said=$("$@" 2>&1); then
    echo "ok $name" >>"$results"
  else
    echo "FAILED $name: $said" >>"$results"
    failed=1
  fi
}

# request NAME STATUS PATH CURL-ARGUMENT…
request() {
  name=$1 want=$2 path=$3
  shift 3
  try "request: $name" status "$want" "http://localhost/$path" "$@"
}

status() {
  want=$1
  shift
  got=$(curl --silent --show-error --max-time 60 --output /dev/null --write-out '%{http_code}' "$@") || return
  [ "$got" = "$want" ] || { echo "status $got, want $want"; return 1; }
}

starts() { grep -c 'server started' /var/log/lighttpd/error.log; }

restarted() {
  for _ in $(seq 100); do
    [ "$(starts)" = "$1" ] || return 0
    sleep 0.1
  done
  return 1
}

everything() {
  request "a page" 200 index.html
  request "a large file" 200 large.bin
  request "a range" 206 large.bin --range 0-99
  request "nothing newer" 304 index.html --time-cond /var/www/html/index.html
  request "a page that is not there" 404 missing.html
}

echo '<!DOCTYPE html><title>sbxprof</title>' >/var/www/html/index.html
head -c 1048576 /dev/urandom >/var/www/html/large.bin

# Type=simple: it counts as started before it listens.
try "lighttpd listens" curl --silent --show-error --output /dev/null --retry 60 --retry-connrefused http://localhost/
everything
before=$(starts)
try "reload" systemctl reload lighttpd
try "lighttpd has reloaded" restarted "$before"
everything
exit $failed
