#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
soon mosquitto_pub -h 127.0.0.1 -t test -m hello -r -q 1
got() { mosquitto_sub -h 127.0.0.1 -t test -C 1 -W 5 | grep -q hello; }
got
systemctl reload mosquitto
soon got
