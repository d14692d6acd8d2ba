#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Debian 12 leaves the folder of its log to root, and tinyproxy goes on without one.
install -d -o tinyproxy -g tinyproxy /var/log/tinyproxy
