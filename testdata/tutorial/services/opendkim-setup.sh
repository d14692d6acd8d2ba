#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
set -e
test -e /etc/dkimkeys/test.private || opendkim-genkey --directory=/etc/dkimkeys --selector=test --domain=example.test
chown opendkim:opendkim /etc/dkimkeys/test.private
grep -q '^KeyFile' /etc/opendkim.conf || printf 'Domain example.test\nSelector test\nKeyFile /etc/dkimkeys/test.private\n' >>/etc/opendkim.conf
