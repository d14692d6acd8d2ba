#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
rm -f /etc/unbound/unbound.conf.d/root-auto-trust-anchor-file.conf
cat >/etc/unbound/unbound.conf.d/test.conf <<'C'
server:
  interface: 127.0.0.1
  local-zone: "test." static
  local-data: "example.test. A 192.0.2.1"
C
