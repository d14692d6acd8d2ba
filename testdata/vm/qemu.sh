# SPDX-License-Identifier: Apache-2.0
# Unpacks qemu with all its libraries, installing nothing. Runs in mount and PID
# namespaces of its own. Arguments: SUITE DIR MIRROR PACKAGES [mmdebstrap options]
set -eu
umask 022
suite=$1 dir=$2 mirror=$3 packages=$4
shift 4

mount --make-rprivate /
mount -t proc proc /proc
mmdebstrap --mode=root --format=directory --variant=extract --components=main \
  --include="$packages" --dpkgopt='path-exclude=/usr/share/doc/*' \
  --aptopt='Apt::Install-Recommends "false"' "$@" "$suite" "$dir" "$mirror"
