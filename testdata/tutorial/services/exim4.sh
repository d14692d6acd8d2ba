#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
id=$(date +%N)
mail() { printf 'Subject: %s\n\nA text.\n' "$id" | has smtp://127.0.0.1 --mail-from root@localhost --mail-rcpt user@localhost --upload-file -; }
soon mail
soon grep -q "Subject: $id" /var/mail/user
