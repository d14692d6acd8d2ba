#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
echo "a line" >>/var/log/secret.log
counted() { test "$(cat /var/lib/tail-log/lines)" -ge 1; }
soon counted
