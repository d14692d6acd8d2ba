#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
answers() { has telnet://127.0.0.1:8091 </dev/null | grep -q 'it works'; }
soon answers
