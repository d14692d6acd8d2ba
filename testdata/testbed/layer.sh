# SPDX-License-Identifier: Apache-2.0
# Installs packages into an overlay above a root file system. Runs in mount and
# PID namespaces of its own. Arguments: ROOT DIR PACKAGE…; the layer is DIR/upper.
set -eu
umask 022
root=$1 dir=$2
shift 2

mount --make-rprivate /
mount -t proc proc /proc

# What only the installation needs lies in a layer of its own, which is not kept:
# the way to the archive, and the word that no service is to be started.
mkdir "$dir/upper" "$dir/work" "$dir/host" "$dir/merged"
mount -t tmpfs -o mode=755 tmpfs "$dir/host"
mkdir -p "$dir/host/etc/ssl/certs" "$dir/host/usr/sbin"
for f in etc/resolv.conf etc/ssl/certs/ca-certificates.crt; do
  [ ! -e "/$f" ] || cp -L "/$f" "$dir/host/$f"
done
cat /etc/hosts >"$dir/host/etc/hosts"
printf '#!/bin/sh\nexit 101\n' >"$dir/host/usr/sbin/policy-rc.d"
chmod 755 "$dir/host/usr/sbin/policy-rc.d"

mount -t overlay -o "lowerdir=$dir/host:$root,upperdir=$dir/upper,workdir=$dir/work" overlay "$dir/merged"
mount -t proc proc "$dir/merged/proc"
mount -t sysfs -o ro sysfs "$dir/merged/sys"
mount --rbind /dev "$dir/merged/dev"
mount -t tmpfs -o mode=755 tmpfs "$dir/merged/run"
mount -t tmpfs -o mode=1777 tmpfs "$dir/merged/tmp"

in_root() {
  chroot "$dir/merged" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}
in_root apt-get -qq update
in_root apt-get -qq --yes install "$@"
in_root apt-get clean

umount -l "$dir/merged/tmp" "$dir/merged/run" "$dir/merged/dev" "$dir/merged/sys" "$dir/merged/proc"
rm -rf "$dir/merged/var/lib/apt/lists"/*
umount "$dir/merged" "$dir/host"
rm -rf "$dir/work" "$dir/host" "$dir/merged"

# A test starts what it tests: forget what the packages enabled.
rm -f "$dir"/upper/etc/systemd/system/*.wants/* "$dir"/upper/etc/rc?.d/S*
