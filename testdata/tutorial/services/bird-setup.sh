#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
cat >/etc/bird/bird.conf <<'C'
router id 192.0.2.1;
protocol device { }
protocol kernel { ipv4 { export all; }; }
protocol static { ipv4; route 198.51.100.0/24 via 192.0.2.9; }
C
