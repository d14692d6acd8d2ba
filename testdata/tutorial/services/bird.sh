#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Routes that it is told of get into the kernel, and away.
. "$(dirname "$0")/retry.sh"
routed() { ip route show "$1" | grep -q 192.0.2.9; }
gone() { ! routed "$1"; }
soon routed 198.51.100.0/24
echo 'protocol static more { ipv4; route 203.0.113.0/24 via 192.0.2.9; }' >>/etc/bird/bird.conf
systemctl reload bird
soon routed 203.0.113.0/24
sed -i '/ more /d' /etc/bird/bird.conf
systemctl reload bird
soon gone 203.0.113.0/24
birdc show status >/dev/null
