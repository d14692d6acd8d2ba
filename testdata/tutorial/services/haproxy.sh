#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
answers() { has http://127.0.0.1:90/ | grep -q 'it works'; }
soon answers
systemctl reload haproxy
soon answers
