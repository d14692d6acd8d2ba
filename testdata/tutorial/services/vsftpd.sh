#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
soon has ftp://127.0.0.1/file
has --user user:secret ftp://127.0.0.1/
