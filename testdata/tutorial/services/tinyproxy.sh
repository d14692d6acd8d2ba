#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
page() { has --proxy http://localhost:8888 http://tinyproxy.stats/ | grep -qi 'tinyproxy'; }
soon page
has --output /dev/null --proxy http://localhost:8888 http://localhost:1/ || true
systemctl reload tinyproxy
soon page
logrotate --force /etc/logrotate.d/tinyproxy
soon page
