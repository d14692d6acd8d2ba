#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
answers() { dig +tries=1 +time=2 "$@" @127.0.0.1 example.test | grep -q '192\.0\.2\.1'; }
soon answers
answers +tcp
systemctl reload named
soon answers
rndc status >/dev/null
