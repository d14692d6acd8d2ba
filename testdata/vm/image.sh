# SPDX-License-Identifier: Apache-2.0
# Builds the disk image of a Debian suite, and its kernel. Runs in mount and PID
# namespaces of its own. Arguments: SUITE DIR MIRROR PACKAGES [mmdebstrap options]
# In DIR it leaves: root.img, vmlinuz, and modules/NN-NAME.ko, those that the disk
# and the port need, in the order to load them in.
set -eu
umask 022
suite=$1 dir=$2 mirror=$3 packages=$4
shift 4

mount --make-rprivate /
mount -t proc proc /proc
export dir

# The kernel is unpacked, not installed: that would bring initramfs-tools, and make
# an initramfs. The cloud flavour has all that matters here in a third of the size.
# From 7.x on it is split: vmlinuz is in linux-binary-V, beside its modules.
cat >"$dir/kernel" <<'HOOK'
set -eu
root=$1
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
mkdir "$dir/debs" "$dir/unpacked"
cd "$dir/debs"
depends() { apt-cache depends "$1" | sed -n "s/^ *Depends: \($2\)/\1/p"; }
image=$(depends linux-image-cloud-amd64 'linux-image-.*')
apt-get -qq -o APT::Sandbox::User=root download "$image" $(depends "$image" 'linux-[bm].*-cloud-.*')
for deb in *.deb; do dpkg-deb -x "$deb" "$dir/unpacked"; done
for modules in "$dir"/unpacked/lib/modules/* "$dir"/unpacked/usr/lib/modules/*; do
  [ ! -d "$modules" ] || break
done
version=${modules##*/}
for kernel in "$dir/unpacked/boot/vmlinuz-$version" "$modules/vmlinuz"; do
  [ ! -f "$kernel" ] || mv "$kernel" "$dir/vmlinuz"
done
mkdir -p "$root/usr/lib/modules"
mv "$modules" "$root/usr/lib/modules/"
rm -rf "$dir/debs" "$dir/unpacked"
chroot "$root" depmod -a "$version"

mkdir "$dir/modules"
n=10
for module in virtio_pci virtio_blk virtio_console; do # "insmod FILE", or "builtin NAME"
  chroot "$root" modprobe --set-version "$version" --show-depends "$module"
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
  name=${file##*/}
  n=$((n + 1))
  case $file in
  *.xz) xz -dc "$root$file" ;;
  *) cat "$root$file" ;;
  esac >"$dir/modules/$n-${name%%.*}.ko"
done
HOOK

# The links make bullseye's /usr a merged one, too: mmdebstrap does not, and kmod
# looks for modules in /lib alone there.
# cleanup/reproducible would empty machine-id, and every boot would be a first boot.
mmdebstrap --mode=root --format=directory --variant=minbase --components=main \
  --include="$packages" --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
  --skip=cleanup/reproducible \
  --setup-hook='for d in bin sbin lib lib64; do mkdir -p "$1/usr/$d"; ln -s "usr/$d" "$1/$d"; done' \
  --customize-hook='sh "$dir/kernel" "$1"' "$@" "$suite" "$dir/root" "$mirror"

root=$dir/root
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
echo "$suite" >"$root/etc/hostname"
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$suite" >"$root/etc/hosts"
rm -f "$root/etc/resolv.conf"
: >"$root/etc/fstab"

# A test starts what it tests: forget what the packages enabled. And mask what
# systemd starts of its own accord on consoles, by the clock, or to keep things.
rm -f "$root"/etc/systemd/system/*.wants/* "$root"/etc/rc?.d/S*
for unit in getty@.service serial-getty@.service systemd-hwdb-update.service \
  systemd-random-seed.service systemd-journal-flush.service systemd-tmpfiles-clean.timer; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"

truncate -s 2G "$dir/root.img"
mkfs.ext4 -q -F -O ^has_journal -E lazy_itable_init=0,root_owner=0:0 -d "$root" "$dir/root.img"
rm -rf "$root" "$dir/kernel"
