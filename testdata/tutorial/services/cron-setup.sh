#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
rm -f /tmp/cron-ran
echo '* * * * * daemon true' >/etc/cron.d/test
