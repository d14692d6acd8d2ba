# SPDX-License-Identifier: Apache-2.0
# What the workloads have in common. A workload has the file to write its results to
# as $1 and the unit as $2; it reads this file first and ends with "finish".
set -u
results=$1 unit=$2
scratch=$(mktemp -d)
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
: >"$results"
failed=0

ok() { echo "ok $*" >>"$results"; }
bad() {
  echo "FAILED $*" | tr '\n' ' ' >>"$results"
  echo >>"$results"
  failed=1
}

# succeeds WHAT COMMAND…: the command succeeds.
succeeds() {
  what=$1
  shift
  if "$@" >"$scratch/said" 2>&1; then ok "$what"; else bad "$what: $(head -c 1000 "$scratch/said")"; fi
}

# eventually WHAT COMMAND…: the command succeeds within $patience seconds.
patience=60
eventually() {
  what=$1
  shift
  deadline=$(($(date +%s) + patience))
  while [ "$(date +%s)" -lt $deadline ]; do
    "$@" >"$scratch/said" 2>&1 && ok "$what" && return
    sleep 0.2
  done
  bad "$what: $(head -c 1000 "$scratch/said")"
}

# says WHAT TEXT COMMAND…: the command succeeds and says a line with the text.
says() {
  what=$1 text=$2
  shift 2
  if "$@" >"$scratch/said" 2>&1 && grep -qF -- "$text" "$scratch/said"; then
    ok "$what"
  else
    bad "$what: want $text: $(head -c 1000 "$scratch/said")"
  fi
}

# request NAME STATUS BODY-FILE CURL-ARGUMENT…: one HTTP request; its body must be
# that of BODY-FILE, or may be anything for "-".
request() {
  name=$1 status=$2 body=$3
  shift 3
  got=$(curl --silent --show-error --max-time 60 --output "$scratch/got" --write-out '%{http_code}' \
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

finish() { exit $failed; }
