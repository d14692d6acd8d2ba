#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
page() { has --proxy http://127.0.0.1:8118 http://p.p/ | grep -qi 'privoxy'; }
soon page
has --output /dev/null --proxy http://127.0.0.1:8118 http://127.0.0.1:1/ || true
logrotate --force /etc/logrotate.d/privoxy
soon page
