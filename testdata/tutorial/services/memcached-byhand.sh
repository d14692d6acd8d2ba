#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The step that only an administrator can take: Debian's wrapper insists on being root.
cat >/etc/systemd/system/memcached.service.d/60-byhand.conf <<'C'
[Service]
ExecStart=
ExecStart=/usr/bin/memcached -m 64 -p 11211 -l 127.0.0.1 -P /run/memcached/memcached.pid
C
