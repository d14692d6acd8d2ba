#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
soon ssh -o StrictHostKeyChecking=no -o BatchMode=yes localhost true
