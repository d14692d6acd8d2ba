#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
id user >/dev/null 2>&1 || useradd --create-home --shell /bin/sh user
echo user:secret | chpasswd
sed -i 's/^anonymous_enable=.*/anonymous_enable=YES/' /etc/vsftpd.conf
mkdir -p /srv/ftp
echo text >/srv/ftp/file
