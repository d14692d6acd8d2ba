#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
id user >/dev/null 2>&1 || useradd --create-home user
sed -i "s/^dc_eximconfig_configtype=.*/dc_eximconfig_configtype='local'/" /etc/exim4/update-exim4.conf.conf
update-exim4.conf
