#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
grep -q '^frontend test' /etc/haproxy/haproxy.cfg && exit
cat >>/etc/haproxy/haproxy.cfg <<'C'

frontend test
	bind 127.0.0.1:90
	http-request return status 200 content-type text/plain string "it works"
C
