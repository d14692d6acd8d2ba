// SPDX-License-Identifier: Apache-2.0

package main

import "slices"

// errand is what services have a shell do: several steps, in several places, with the
// programs that every Debian has. It comes to an exit status.
type errand struct{ name, text string }

// errands find a directory of their own in $d, and leave nothing elsewhere.
var errands = []errand{
	{"run_move", `echo >$d/x && mv $d/x /var/tmp/probe-x && mv /var/tmp/probe-x /var/lib/misc/probe-x && rm /var/lib/misc/probe-x`},
	{"run_rename", `perl -e 'open F, ">$ARGV[0]/x"; rename "$ARGV[0]/x", "/var/lib/misc/probe-r" or exit 7; unlink "/var/lib/misc/probe-r"' $d`},
	{"run_link", `echo >$d/x && ln $d/x /var/lib/misc/probe-l; e=$?; rm -f /var/lib/misc/probe-l; exit $e`},
	{"run_through_link", `ln -s /var/lib/misc $d/l && echo >$d/l/probe-t && cat $d/l/probe-t && rm $d/l/probe-t`},
	{"run_configure", `echo a >/etc/probe.conf.new && mv /etc/probe.conf.new /etc/probe.conf && sed -i s/a/b/ /etc/probe.conf && rm /etc/probe.conf`},
	{"run_rotate", `echo >>/var/log/probe.log && mv /var/log/probe.log /var/log/probe.log.1 && : >/var/log/probe.log && rm /var/log/probe.log /var/log/probe.log.1`},
	{"run_lock", `flock /run/lock/probe.lock true && rm /run/lock/probe.lock`},
	{"run_fifo", `mkfifo $d/f && { echo >$d/f & cat $d/f; }`},
	{"run_deep", `mkdir -p /var/lib/probe-deep/b/c && echo >/var/lib/probe-deep/b/c/d && rm -r /var/lib/probe-deep`},
	{"run_mktemp", `f=$(mktemp) && rm $f && t=$(mktemp -d /var/tmp/probe-XXXXXX) && rmdir $t`},
	{"run_install", `install -m 600 -o 4711 -g 4711 /etc/passwd $d/p`},
	{"run_tar", `tar -C /etc -cf $d/t.tar passwd group && tar -C $d -xpf $d/t.tar`},
	{"run_copy", `cp -a /etc/passwd $d/c && cmp /etc/passwd $d/c`},
	{"run_logger", `logger hello`},
	{"run_systemctl", `systemctl show --property=ActiveState dbus.service`},
	{"run_busctl", `busctl --no-pager list`},
	{"run_mount", `mkdir -p $d/m && mount -t tmpfs none $d/m && echo >$d/m/x && umount $d/m`},
	{"run_bind_mount", `mkdir -p $d/b && mount --bind /etc $d/b && cat $d/b/passwd && umount $d/b`},
	{"run_ps", `ps ax | grep sleep`},
	{"run_init_status", `cat /proc/1/status /proc/1/mountinfo`},
	{"run_kill_init", `kill -0 1`},
	{"run_id", `id && getent passwd probe`},
	{"run_runuser", `runuser -u probe -- id`},
	{"run_hosts", `getent hosts localhost`},
	{"run_addresses", `ip addr`},
	{"run_interface", `ip link add probe0 type dummy; e=$?; ip link del probe0; exit $e`},
	{"run_sockets", `ss -tlnp`},
	{"run_mounts", `findmnt && df`},
	{"run_sysctl", `sysctl -n kernel.hostname kernel.pid_max net.ipv4.ip_forward`},
	{"run_forward", `sysctl -w net.ipv4.ip_forward=0`},
	{"run_dmesg", `dmesg | tail -1`},
	{"run_find", `find /var/lib /etc /srv /opt -maxdepth 1`},
	{"run_find_home", `find /home /root -maxdepth 1`},
	{"run_du", `du -s /var/log /srv`},
	{"run_terminal", `script -qec true /dev/null`},
	{"run_null_node", `mknod $d/n c 1 3 && echo >$d/n`},
	{"run_setcap", `cp /bin/true $d/c && setcap cap_net_raw+ep $d/c && $d/c`},
	{"run_set_id", `cp /bin/true $d/s && chmod u+s $d/s && $d/s`},
	{"run_limits", `ulimit -n 2048; ulimit -c 0; ulimit -l`},
	{"run_renice", `renice -n -1 $$; renice -n 5 $$`},
	{"run_useradd", `userdel probe-new; useradd -r probe-new && userdel probe-new`},
	{"run_ldconfig", `ldconfig`},
	{"run_oom", `choom -n 100 -p $$ && cat /proc/self/oom_score_adj`},
	{"run_shared_memory", `dd if=/dev/zero of=/dev/shm/probe-z bs=4k count=2 && rm /dev/shm/probe-z`},
	{"run_hostname", `hostname && hostname -I`},
	{"run_acl", `chattr +d $d && chattr -d $d`},
	{"run_user_namespace", `unshare -Ur mount -t tmpfs none /mnt`},
	// For a while as somebody else, and back.
	{"run_borrow_user", `perl -e '$) = "4711 4711"; $> = 4711; open(F, "<", "/etc/passwd") or exit 7; $> = 0; open(F, ">", "$ARGV[0]/e") or exit 8' $d`},
	// What daemons do: a port of root's, then become somebody.
	{"run_port_and_drop", `perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) or exit 7; setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
bind(S, sockaddr_in(81, INADDR_ANY)) or exit 8; listen(S, 1) or exit 9; $( = 4711; $) = "4711 4711"; $< = $> = 4711; $> == 4711 or exit 10; open(F, "<", "/etc/passwd") or exit 11'`},
	{"run_talk", `perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) or exit 7; bind(S, sockaddr_in(0, INADDR_LOOPBACK)) or exit 8; listen(S, 1) or exit 9;
if (!fork) { socket(C, PF_INET, SOCK_STREAM, 0); connect(C, getsockname(S)) or exit 1; syswrite(C, "x"); exit 0 } accept(A, S) or exit 10; sysread(A, $x, 1) == 1 or exit 11; wait; exit($? >> 8)'`},
	{"run_local_talk", `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) or exit 7; unlink "/run/probe-talk"; bind(S, sockaddr_un("/run/probe-talk")) or exit 8; chmod 0660, "/run/probe-talk";
listen(S, 1) or exit 9; if (!fork) { socket(C, PF_UNIX, SOCK_STREAM, 0); connect(C, sockaddr_un("/run/probe-talk")) or exit 1; exit 0 } accept(A, S) or exit 10; wait; unlink "/run/probe-talk"; exit($? >> 8)'`},
	{"run_daemon", `perl -MPOSIX -e 'chdir "/"; umask 0; if (!fork) { setsid(); if (!fork) { open(F, ">", "$ARGV[0]/pid"); print F $$; exit } exit } wait; exit 0' $d`},
	{"run_exchange_signals", `perl -e '$SIG{USR1} = sub { exit 0 }; $p = fork; if (!$p) { sleep 5; exit 7 } select(undef, undef, undef, 0.05); kill USR1 => $p or exit 8; wait; exit($? >> 8)'`},
}

func findErrand(name string) (errand, bool) {
	i := slices.IndexFunc(errands, func(e errand) bool { return e.name == name })
	if i < 0 {
		return errand{}, false
	}
	return errands[i], true
}
