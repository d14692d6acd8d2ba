#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# As after a boot: the directory that was there in the training run is not.
rm -r /run/mosquitto
