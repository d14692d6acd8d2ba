#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
page() { has http://localhost/ | grep -q '<html>'; }
soon page
has --output /dev/null --data a=b http://localhost/missing
systemctl reload nginx
soon page
logrotate --force /etc/logrotate.d/nginx
soon page
sleep 0.3
page
soon grep -q 'GET / ' /var/log/nginx/access.log
