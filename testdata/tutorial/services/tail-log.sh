#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
lines=/var/lib/tail-log/lines
rm -f "$lines"
counted() {
  echo "a line" >>/var/log/secret.log
  test -s "$lines"
}
soon counted
