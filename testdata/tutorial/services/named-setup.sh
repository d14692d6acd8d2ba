#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
cat >/etc/bind/named.conf.local <<'C'
zone "example.test" { type primary; file "/etc/bind/db.example.test"; };
C
cat >/etc/bind/db.example.test <<'C'
$TTL 60
@ IN SOA ns root 1 60 60 60 60
@ IN NS ns
@ IN A 192.0.2.1
ns IN A 192.0.2.1
C
