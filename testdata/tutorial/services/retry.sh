# SPDX-License-Identifier: Apache-2.0
# For the workloads beside it.
set -eu

# soon COMMAND…: the command succeeds within ten seconds.
soon() {
  for _ in $(seq 100); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  echo "never succeeded: $*" >&2
  "$@"
}

has() { curl --silent --max-time 10 "$@"; }
