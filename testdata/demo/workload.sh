#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Has lighttpd do everything that it should be able to do, and writes for each
# request and each check a line that begins with "ok" or "FAILED".
# Argument: the file to write to.
set -u
results=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: >"$results"
failed=0

ok() { echo "ok $*" >>"$results"; }
bad() { echo "FAILED $*" | tee -a "$results" >&2; failed=1; }

# request NAME STATUS BODY-FILE CURL-ARGUMENT…: one request; its body must be that
# of BODY-FILE, or may be anything for "-".
request() {
  name=$1 status=$2 body=$3
  shift 3
  got=$(curl --silent --show-error --max-time 30 --output "$scratch/got" --write-out '%{http_code}' \
    "$@" 2>"$scratch/error")
  if [ "$got" != "$status" ]; then
    bad "request: $name: status $got, want $status: $(cat "$scratch/error")"
  elif [ "$body" != - ] && ! cmp -s "$body" "$scratch/got"; then
    bad "request: $name: another body: $(head -c 200 "$scratch/got")"
  else
    ok "request: $name"
  fi
  : >"$scratch/got"
}

# check NAME COMMAND…: the command succeeds within ten seconds.
check() {
  name=$1
  shift
  for _ in $(seq 100); do
    "$@" >/dev/null 2>&1 && ok "check: $name" && return
    sleep 0.1
  done
  bad "check: $name"
}

# run NAME COMMAND…: the command succeeds.
run() {
  name=$1
  shift
  if "$@" >"$scratch/said" 2>&1; then ok "check: $name"; else bad "check: $name: $(cat "$scratch/said")"; fi
}

cgi() { echo "$1 $2 $(wc -c <"$3") $(md5sum <"$3" | cut -d' ' -f1)"; }

www=http://localhost
# Another address of the machine is as good as another host to the service.
lan=$(hostname -I | cut -d' ' -f1)
lan=http://${lan:-127.0.0.1}
html=/var/www/html
: >"$scratch/empty"
echo 'a=b&c=d' >"$scratch/form"
head -c 3000000 /dev/urandom >"$scratch/upload"
head -c 100 $html/download.bin >"$scratch/range"
cgi GET q=1 "$scratch/empty" >"$scratch/cgi-get"
cgi POST '' "$scratch/form" >"$scratch/cgi-form"
cgi POST '' "$scratch/upload" >"$scratch/cgi-upload"

everything() {
  request "a page" 200 $html/index.html $www/
  request "a style sheet" 200 $html/css/site.css $www/css/site.css
  request "a large file" 200 $html/download.bin $www/download.bin
  request "a range" 206 "$scratch/range" --range 0-99 $www/download.bin
  request "only the header" 200 - --head $www/index.html
  request "nothing newer" 304 "$scratch/empty" --time-cond $html/index.html $www/index.html
  request "over IPv4" 200 $html/index.html --ipv4 $lan/
  request "a page that is not there" 404 - $www/missing.html
  request "a page that is denied" 403 - $www/index.html~
  request "a script" 200 "$scratch/cgi-get" "$www/cgi-bin/echo?q=1"
  request "a form for a script" 200 "$scratch/cgi-form" --data-binary @"$scratch/form" $www/cgi-bin/echo
  request "an upload for a script" 200 "$scratch/cgi-upload" --data-binary @"$scratch/upload" $www/cgi-bin/echo
  request "a script that is not there" 404 - $www/cgi-bin/missing
}

starts() { cat /var/log/lighttpd/error.log* | grep -c 'server started'; }
restarted() { [ "$(starts)" -gt "$before" ]; }
logged() { grep -q "$1" /var/log/lighttpd/access.log; }

# Type=simple: it counts as started before it listens.
check "lighttpd listens" curl --silent --output /dev/null $www/
everything

before=$(starts)
run "reload" systemctl reload lighttpd
check "lighttpd has reloaded" restarted
everything

run "log rotation" logrotate --force /etc/logrotate.d/lighttpd
run "the old log is kept" test -s /var/log/lighttpd/access.log.1
check "a new log is begun" test -e /var/log/lighttpd/access.log
everything
check "the new log is written to" logged 'GET /css/site.css'
exit $failed
