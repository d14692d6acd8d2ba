# SPDX-License-Identifier: Apache-2.0
# Becomes PID 1 of a machine: runs in new mount, PID, UTS, IPC, network and cgroup
# namespaces, makes the root file system and becomes systemd.
# Arguments: MOUNTPOINT LOWERDIRS HOSTNAME overlay|copy BOUNDING_SET STATE
set -eu
umask 022
here=$1 lower=$2 name=$3 kind=$4 bounding=$5 state=$6

mount --make-rprivate /
if [ "$state" ]; then
  mount --bind "$state" "$here"
else
  mount -t tmpfs -o mode=755 tmpfs "$here"
fi
mkdir -p "$here/upper" "$here/work" "$here/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$here/upper,workdir=$here/work" overlay "$here/root"
if [ "$kind" = copy ]; then
  mkdir "$here/copy"
  cp -a "$here/root/." "$here/copy/"
  umount "$here/root"
  mount --bind "$here/copy" "$here/root"
fi
cd "$here/root"
echo "$name" >etc/hostname
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$name" >etc/hosts
# As old as it is, /usr is not news: no ldconfig, no new users at every boot.
touch etc/.updated var/.updated

mount -t proc -o nosuid,nodev,noexec proc proc
echo "$name" >proc/sys/kernel/hostname
# The sysctls are the host's, but for those of the network namespace.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger

# Read-only: udev stays away, and services that need it writable do not.
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
mount -t bpf -o nosuid,nodev,noexec,mode=700 bpf sys/fs/bpf
mount -t debugfs -o nosuid,nodev,noexec debugfs sys/kernel/debug
mount -t tracefs -o nosuid,nodev,noexec tracefs sys/kernel/tracing

mount -t tmpfs -o nosuid,mode=755 tmpfs dev
mkdir dev/pts dev/shm dev/mqueue dev/net
for node in null zero full random urandom tty fuse net/tun; do
  [ -e "/dev/$node" ] || continue
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs dev/shm
mount -t mqueue -o nosuid,nodev,noexec mqueue dev/mqueue
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs run
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs tmp

mkdir .oldroot
pivot_root . .oldroot
umount -l /.oldroot
rmdir /.oldroot

# A network that nobody else is on: some services insist on a default route.
ip link set lo up
if ip link add lan0 type veth peer name lan1; then
  ip address add 192.0.2.1/24 dev lan0
  ip link set lan0 up
  ip link set lan1 up
  ip route add default via 192.0.2.254
else
  echo 'this kernel has no veth: the machine has lo only' >&2
fi

# What systemd raises it to on a real host, where this host lets us.
ulimit -Hn 524288 2>/dev/null || :
ulimit -Sn 1024

exec env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  setpriv "--bounding-set=$bounding" \
  /lib/systemd/systemd --system systemd.unit=multi-user.target systemd.show_status=no
