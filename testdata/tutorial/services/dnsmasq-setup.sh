#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
printf 'listen-address=127.0.0.1\nbind-interfaces\nno-resolv\naddress=/example.test/192.0.2.1\n' >/etc/dnsmasq.d/test.conf
