# SPDX-License-Identifier: Apache-2.0
# Builds a root file system. Runs in mount and PID namespaces of its own.
# Arguments: SUITE DIR MIRROR PACKAGES [mmdebstrap options]
set -eu
umask 022
suite=$1 root=$2 mirror=$3 packages=$4
shift 4

mount --make-rprivate /
mount -t proc proc /proc

# unsafe-io halves the time; documentation is half of what would be unpacked.
mmdebstrap --mode=root --format=directory --variant=minbase --components=main \
  --include="$packages" --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --aptopt='Apt::Install-Recommends "false"' "$@" "$suite" "$root" "$mirror"

# Several maintainer scripts want to make links in these.
for n in 1 2 3 4 5 6 7 8 9; do mkdir -p "$root/usr/share/man/man$n"; done

# An empty one makes every boot a first boot, which enables every unit by preset.
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
echo testbed >"$root/etc/hostname"
printf '127.0.0.1 localhost testbed\n::1 localhost\n' >"$root/etc/hosts"
rm -f "$root/etc/resolv.conf"
: >"$root/etc/fstab"

# What is the host's business, what waits for hardware, and what would run
# beside a test at a time of its own.
for unit in \
  systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
  systemd-udev-trigger.service systemd-udev-settle.service systemd-hwdb-update.service \
  systemd-modules-load.service systemd-sysctl.service systemd-random-seed.service \
  systemd-remount-fs.service systemd-timesyncd.service systemd-networkd.service \
  systemd-resolved.service systemd-firstboot.service systemd-pstore.service \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount \
  getty@.service serial-getty@.service console-getty.service container-getty@.service \
  dev-hugepages.mount dev-mqueue.mount sys-kernel-config.mount sys-kernel-debug.mount \
  sys-kernel-tracing.mount sys-fs-fuse-connections.mount tmp.mount \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer logrotate.timer man-db.timer \
  e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
