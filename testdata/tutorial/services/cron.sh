#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A job would take a minute to come; that cron opens sessions is known without.
. "$(dirname "$0")/retry.sh"
soon systemctl is-active cron
sleep 1
