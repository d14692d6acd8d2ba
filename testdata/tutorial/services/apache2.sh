#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
page() { has http://127.0.0.1/ | grep -q '<html'; }
soon page
systemctl reload apache2
soon page
logrotate --force /etc/logrotate.d/apache2
soon page
soon grep -q 'GET / ' /var/log/apache2/access.log
