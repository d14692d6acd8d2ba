#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
printf 'listener 1883 127.0.0.1\nallow_anonymous true\n' >/etc/mosquitto/conf.d/test.conf
