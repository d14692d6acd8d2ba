#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each start is as the first after a boot: it makes its directory in /run.
mkdir -p /etc/systemd/system/apache2.service.d
printf '[Service]\nExecStopPost=+/usr/bin/rm -rf /run/apache2\n' >/etc/systemd/system/apache2.service.d/boot.conf
