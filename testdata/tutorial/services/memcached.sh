#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
answers() { printf 'set a 0 60 2\r\nhi\r\nget a\r\nquit\r\n' | has telnet://127.0.0.1:11211 | grep -q hi; }
soon answers
