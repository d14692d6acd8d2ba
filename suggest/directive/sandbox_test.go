// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestDenies has, for every rule, what it denies and the nearest thing that it does
// not.
func TestDenies(t *testing.T) {
	i386 := sys("getpid")
	i386.Syscall.ABI = "i386"
	null := file(trace.OpWrite, "/dev/null")
	null.File.Type, null.File.Dev = trace.TypeCharDev, "1:3"
	disk := file(trace.OpRead, "/dev/sda")
	disk.File.Type, disk.File.Dev = trace.TypeBlockDev, "8:0"
	sudo := file(trace.OpExecute, "/usr/bin/sudo")
	sudo.Actor.UID = 33
	sudo.File.Owner = &trace.Owner{Mode: 0o4755}
	asRoot := file(trace.OpExecute, "/usr/bin/sudo")
	asRoot.File.Owner = sudo.File.Owner
	moved := file(trace.OpRenameTo, "/var/lib/a/new")
	moved.File.Peer = "/var/lib/b/old"
	inside := file(trace.OpRenameTo, "/var/lib/a/new")
	inside.File.Peer = "/var/lib/a/old"
	clone3 := sys("clone3", trace.Arg{Name: "flags", Index: -1, Value: 0x10000000})
	thread := sys("clone3", trace.Arg{Name: "flags", Index: -1, Value: 0x100})
	abstract := ok(trace.Observation{Kind: trace.KindAddress, Address: &trace.Address{Op: trace.AddressConnect, Family: "AF_UNIX", Abstract: "x"}})
	gone := trace.Outcome("")
	tests := []struct {
		name, version, unit string
		o                   trace.Observation
		want                trace.Outcome
	}{
		{"usr is read-only", "252", "ProtectSystem=yes", file(trace.OpWrite, "/usr/lib/x"), erofs},
		{"etc is not", "252", "ProtectSystem=yes", file(trace.OpWrite, "/etc/x"), gone},
		{"full takes etc", "252", "ProtectSystem=full", file(trace.OpCreate, "/etc/x"), erofs},
		{"reading goes on", "252", "ProtectSystem=strict", file(trace.OpRead, "/etc/x"), gone},
		{"strict takes all", "252", "ProtectSystem=strict", file(trace.OpMkdir, "/var/lib/x"), erofs},
		{"what is ignored leaves what was said", "252", "ProtectSystem=strict\nProtectSystem=all", file(trace.OpMkdir, "/var/lib/x"), erofs},
		{"what is not does not", "252", "ProtectSystem=strict\nProtectSystem=full", file(trace.OpMkdir, "/var/lib/x"), gone},
		{"an old name", "252", "ReadOnlyDirectories=/srv", file(trace.OpWrite, "/srv/x"), erofs},
		{"a place by its specifier", "252", "ReadOnlyPaths=%S", file(trace.OpWrite, "/var/lib/x"), erofs},
		{"another place", "252", "ReadOnlyPaths=%S", file(trace.OpWrite, "/var/log/x"), gone},
		{"its own mounts", "252", "MountFlags=slave", file(trace.OpMount, "/mnt"), Hidden},
		{"shared mounts", "252", "MountFlags=shared", file(trace.OpMount, "/mnt"), gone},
		{"but home", "252", "ProtectSystem=strict", file(trace.OpWrite, "/home/u/x"), gone},
		{"but dev", "252", "ProtectSystem=strict", file(trace.OpCreate, "/dev/shm/x"), gone},
		{"strict is newer than 231", "231", "ProtectSystem=strict", file(trace.OpWrite, "/usr/x"), gone},
		{"devices are not on the mount", "252", "ProtectSystem=strict", null, gone},
		{"what failed fails on", "252", "ProtectSystem=strict", failed(file(trace.OpWrite, "/etc/x"), eacces), gone},
		{"unlink asks the mount first", "252", "ProtectSystem=strict", failed(file(trace.OpRemove, "/run/x"), enoent), erofs},
		{"a path below re-opens", "252", "ProtectSystem=strict\nReadWritePaths=/var/lib/a", file(trace.OpWrite, "/var/lib/a/x"), gone},
		{"the same path does not", "252", "ProtectSystem=full\nReadWritePaths=/etc", file(trace.OpWrite, "/etc/x"), erofs},
		{"a mount point stays", "252", "ReadWritePaths=/var/lib/a", file(trace.OpRmdir, "/var/lib/a"), ebusy},
		{"no rename across mounts", "252", "ReadWritePaths=/var/lib/a /var/lib/b", moved, exdev},
		{"rename within one", "252", "ReadWritePaths=/var/lib/a /var/lib/b", inside, gone},
		{"systemd's directory", "252", "ProtectSystem=strict\nLogsDirectory=a", file(trace.OpCreate, "/var/log/a/x"), gone},
		{"and no other", "252", "ProtectSystem=strict\nLogsDirectory=a", file(trace.OpCreate, "/var/log/b/x"), erofs},
		{"systemd has made it", "252", "ProtectSystem=strict\nStateDirectory=a", file(trace.OpMkdir, "/var/lib/a"), gone},
		{"an empty line resets", "252", "ReadOnlyPaths=/srv\nReadOnlyPaths=", file(trace.OpWrite, "/srv/x"), gone},
		{"read-only", "252", "ReadOnlyPaths=/srv", file(trace.OpWrite, "/srv/x"), erofs},
		{"inaccessible", "252", "InaccessiblePaths=-/srv", file(trace.OpRead, "/srv/x"), enoent},
		{"the directory is still there", "252", "InaccessiblePaths=/srv", failed(file(trace.OpMkdir, "/srv"), "EEXIST"), gone},
		{"nothing in it is", "252", "InaccessiblePaths=/srv", failed(file(trace.OpMkdir, "/srv/x"), "EEXIST"), erofs},
		{"next to it", "252", "InaccessiblePaths=/srv", file(trace.OpRead, "/srv2/x"), gone},
		{"nothing below inaccessible", "252", "InaccessiblePaths=/srv\nReadWritePaths=/srv/a", file(trace.OpRead, "/srv/a/x"), enoent},
		{"home yes", "252", "ProtectHome=yes", file(trace.OpRead, "/root/.rc"), enoent},
		{"home yes changes ENOENT without the capability", "252", "ProtectHome=yes\nCapabilityBoundingSet=", failed(file(trace.OpRead, "/root/.rc"), enoent), eacces},
		{"home tmpfs does not", "252", "ProtectHome=tmpfs", failed(file(trace.OpRead, "/root/.rc"), enoent), gone},
		{"home tmpfs", "252", "ProtectHome=tmpfs", file(trace.OpRead, "/root/.rc"), enoent},
		{"home tmpfs is newer than 237", "237", "ProtectHome=tmpfs", file(trace.OpRead, "/root/.rc"), gone},
		{"home read-only", "252", "ProtectHome=read-only", file(trace.OpWrite, "/root/.rc"), erofs},
		{"home read-only reads", "252", "ProtectHome=read-only", file(trace.OpRead, "/root/.rc"), gone},
		{"tmp of others", "252", "PrivateTmp=yes", file(trace.OpRead, "/tmp/x"), enoent},
		{"own tmp, for others to see", "252", "PrivateTmp=yes", file(trace.OpCreate, "/tmp/own"), Hidden},
		{"own tmp again", "252", "PrivateTmp=yes", file(trace.OpRemove, "/tmp/own"), gone},
		{"a socket for others", "252", "PrivateTmp=yes", file(trace.OpBind, "/tmp/s"), "hidden"},
		{"no execution", "252", "NoExecPaths=/", file(trace.OpExecute, "/srv/x"), eacces},
		{"but there", "252", "NoExecPaths=/\nExecPaths=/usr", file(trace.OpMapExec, "/usr/lib/x.so"), gone},
		{"sysctl", "252", "ProtectKernelTunables=yes", file(trace.OpWrite, "/proc/sys/kernel/x"), erofs},
		{"reading sysctl", "252", "ProtectKernelTunables=yes", file(trace.OpRead, "/proc/sys/kernel/x"), gone},
		{"kcore", "252", "ProtectKernelTunables=yes", file(trace.OpRead, "/proc/kcore"), Empty},
		{"not before 239", "237", "ProtectKernelTunables=yes", file(trace.OpRead, "/proc/kcore"), gone},
		{"modules", "252", "ProtectKernelModules=yes", sys("finit_module"), eperm},
		{"module files", "252", "ProtectKernelModules=yes", file(trace.OpRead, "/usr/lib/modules/6.1/x"), enoent},
		{"module capability", "252", "ProtectKernelModules=yes", capability("CAP_SYS_MODULE", "finit_module"), eperm},
		{"other capability", "252", "ProtectKernelModules=yes", capability("CAP_KILL", "kill"), gone},
		{"kernel log", "252", "ProtectKernelLogs=yes", sys("syslog"), eperm},
		{"not before 244", "243", "ProtectKernelLogs=yes", sys("syslog"), gone},
		{"clock", "252", "ProtectClock=yes", sys("clock_settime"), eperm},
		{"reading the clock", "252", "ProtectClock=yes", sys("clock_gettime"), gone},
		{"clock closes devices", "250", "ProtectClock=yes", disk, eperm},
		{"no more from 252 on", "252", "ProtectClock=yes", disk, gone},
		{"host name", "252", "ProtectHostname=yes", sys("sethostname"), eperm},
		{"cgroup", "252", "ProtectControlGroups=yes", file(trace.OpWrite, "/sys/fs/cgroup/x"), erofs},
		{"strict cgroup is newer", "252", "ProtectControlGroups=strict", file(trace.OpWrite, "/sys/fs/cgroup/x"), gone},
		{"disks", "252", "PrivateDevices=yes", disk, enoent},
		{"null stays", "252", "PrivateDevices=yes", null, gone},
		{"closed", "252", "DevicePolicy=closed", disk, eperm},
		{"closed but allowed", "252", "DevicePolicy=closed\nDeviceAllow=/dev/sda r", disk, gone},
		{"allow closes the others", "252", "DeviceAllow=/dev/sdb r", disk, eperm},
		{"fifo", "252", "RestrictRealtime=yes", sys("sched_setscheduler", arg(1, 1)), eperm},
		{"batch", "252", "RestrictRealtime=yes", sys("sched_setscheduler", arg(1, 3)), gone},
		{"a flag makes it another", "252", "RestrictRealtime=yes", sys("sched_setscheduler", arg(1, 0x40000003)), eperm},
		{"setuid bit", "252", "RestrictSUIDSGID=yes", sys("chmod", arg(1, 0o4755)), eperm},
		{"no bit", "252", "RestrictSUIDSGID=yes", sys("chmod", arg(1, 0o755)), gone},
		{"open without O_CREAT", "252", "RestrictSUIDSGID=yes", sys("openat"), gone},
		{"open with", "252", "RestrictSUIDSGID=yes", sys("openat", arg(2, 0o100), arg(3, 0o2644)), eperm},
		{"openat2", "252", "RestrictSUIDSGID=yes", sys("openat2"), enosys},
		{"openat2 before 246", "245", "RestrictSUIDSGID=yes", sys("openat2"), gone},
		{"personality", "252", "LockPersonality=yes", sys("personality"), eperm},
		{"rwx", "252", "MemoryDenyWriteExecute=yes", sys("mmap", arg(2, 7)), eperm},
		{"rx", "252", "MemoryDenyWriteExecute=yes", sys("mmap", arg(2, 5)), gone},
		{"mprotect x", "252", "MemoryDenyWriteExecute=yes", sys("mprotect", arg(2, 5)), eperm},
		{"user namespace", "252", "RestrictNamespaces=yes", sys("unshare", arg(0, 0x10000000)), eperm},
		{"fork", "252", "RestrictNamespaces=yes", sys("clone", arg(0, 0x1200011)), gone},
		{"permitted namespace", "252", "RestrictNamespaces=user", sys("unshare", arg(0, 0x10000000)), gone},
		{"other namespace", "252", "RestrictNamespaces=user", sys("unshare", arg(0, 0x20000)), eperm},
		{"inverted", "252", "RestrictNamespaces=~user", sys("unshare", arg(0, 0x10000000)), eperm},
		{"unknown word voids the line", "252", "RestrictNamespaces=~user other", sys("unshare", arg(0, 0x10000000)), gone},
		{"clone3 with a namespace", "252", "RestrictNamespaces=yes", clone3, enosys},
		{"clone3 with a permitted namespace", "252", "RestrictNamespaces=user", clone3, enosys},
		{"clone3 into another cgroup", "252", "RestrictNamespaces=yes", sys("clone3", trace.Arg{Name: "flags", Index: -1, Value: 0x200000100}), enosys},
		{"clone3 of a thread falls back", "252", "RestrictNamespaces=yes", thread, gone},
		{"family", "252", "RestrictAddressFamilies=AF_UNIX", sys("socket", arg(0, 2)), "EAFNOSUPPORT"},
		{"permitted family", "252", "RestrictAddressFamilies=AF_UNIX AF_INET", sys("socket", arg(0, 2)), gone},
		{"denied family", "252", "RestrictAddressFamilies=~AF_INET", sys("socket", arg(0, 2)), "EAFNOSUPPORT"},
		{"older errno", "232", "RestrictAddressFamilies=AF_UNIX", sys("socket", arg(0, 2)), "EPROTONOSUPPORT"},
		{"another name of a family", "252", "RestrictAddressFamilies=AF_LOCAL", sys("socket", arg(0, 1)), gone},
		{"another name of another family", "252", "RestrictAddressFamilies=AF_ROUTE", sys("socket", arg(0, 1)), "EAFNOSUPPORT"},
		{"a family of its time", "252", "RestrictAddressFamilies=AF_XDP", sys("socket", arg(0, 44)), gone},
		{"a family that is newer", "237", "RestrictAddressFamilies=AF_XDP", sys("socket", arg(0, 44)), "EAFNOSUPPORT"},
		{"no network", "252", "PrivateNetwork=yes", sys("socket", arg(0, 2)), "unreachable"},
		{"interfaces", "252", "PrivateNetwork=yes", file(trace.OpRead, "/proc/self/net/dev"), Hidden},
		{"devices", "252", "PrivateNetwork=yes", file(trace.OpRead, "/sys/devices/virtual/net/lan0/statistics/rx_bytes"), Hidden},
		{"settings for all sockets", "252", "PrivateNetwork=yes", file(trace.OpRead, "/proc/sys/net/core/somaxconn"), gone},
		{"a file of a like name", "252", "PrivateNetwork=yes", file(trace.OpRead, "/sys/devices/virtual/netx/y"), gone},
		{"local socket", "252", "PrivateNetwork=yes", sys("socket", arg(0, 1)), gone},
		{"abstract socket", "252", "PrivateNetwork=yes", abstract, "unreachable"},
		{"foreign ABI", "252", "SystemCallArchitectures=native", i386, trace.OutcomeKilled},
		{"permitted ABI", "252", "SystemCallArchitectures=native x86", i386, gone},
		{"not listed", "252", "SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM", sys("mount"), eperm},
		{"kills by default", "252", "SystemCallFilter=@system-service", sys("mount"), trace.OutcomeKilled},
		{"listed", "252", "SystemCallFilter=@system-service", sys("openat"), gone},
		{"default is listed", "252", "SystemCallFilter=openat", sys("execve"), gone},
		{"taken out", "252", "SystemCallFilter=@system-service\nSystemCallFilter=~@chown", sys("chown"), trace.OutcomeKilled},
		{"put back", "252", "SystemCallFilter=@system-service\nSystemCallFilter=~@chown\nSystemCallFilter=chown", sys("chown"), gone},
		{"deny-list", "252", "SystemCallFilter=~@mount", sys("mount"), trace.OutcomeKilled},
		{"deny-list with errno", "252", "SystemCallFilter=~@mount:EACCES", sys("mount"), eacces},
		{"deny-list with its number", "252", "SystemCallFilter=~@mount:13", sys("mount"), eacces},
		{"deny-list that kills", "252", "SystemCallFilter=~@mount:kill\nSystemCallErrorNumber=EPERM", sys("mount"), trace.OutcomeKilled},
		{"an errno that is none is ignored", "252", "SystemCallFilter=~@mount:EFOO", sys("mount"), gone},
		{"and leaves the one before", "252", "SystemCallFilter=~@mount\nSystemCallErrorNumber=1\nSystemCallErrorNumber=EFOO", sys("mount"), eperm},
		{"deny-list lets others pass", "252", "SystemCallFilter=~@mount", sys("ptrace"), gone},
		{"reset", "252", "SystemCallFilter=~@mount\nSystemCallFilter=", sys("mount"), gone},
		{"no groups yet", "230", "SystemCallFilter=~@mount", sys("mount"), gone},
		{"bounding set", "252", "CapabilityBoundingSet=CAP_KILL", capability("CAP_CHOWN", "chown"), eperm},
		{"in the set", "252", "CapabilityBoundingSet=CAP_KILL CAP_CHOWN", capability("CAP_CHOWN", "chown"), gone},
		{"inverted set", "252", "CapabilityBoundingSet=~CAP_CHOWN", capability("CAP_CHOWN", "chown"), eperm},
		{"lines add up", "252", "CapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=CAP_CHOWN", capability("CAP_CHOWN", "chown"), gone},
		{"empty set", "252", "CapabilityBoundingSet=", capability("CAP_CHOWN", "chown"), eperm},
		{"overcommit is noise", "252", "CapabilityBoundingSet=", capability("CAP_SYS_ADMIN", "mmap"), gone},
		{"what was denied is not needed", "252", "CapabilityBoundingSet=", failed(capability("CAP_CHOWN", "chown"), eperm), gone},
		{"namespaces need the capability", "252", "CapabilityBoundingSet=", sys("unshare", arg(0, 0x20000)), eperm},
		{"a user namespace does not", "252", "CapabilityBoundingSet=", sys("unshare", arg(0, 0x10020000)), gone},
		{"ambient ones beyond it", "245", "User=daemon\nAmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=CAP_CHOWN", file(trace.OpExecute, "/usr/sbin/daemon"), eperm},
		{"ambient ones within it", "245", "User=daemon\nAmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=CAP_KILL", file(trace.OpExecute, "/usr/sbin/daemon"), gone},
		{"newer ones leave them away", "246", "User=daemon\nAmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=CAP_CHOWN", file(trace.OpExecute, "/usr/sbin/daemon"), gone},
		{"a user has what is ambient", "252", "User=daemon\nAmbientCapabilities=~CAP_KILL", capability("CAP_CHOWN", "chown"), gone},
		{"and nothing else", "252", "User=daemon\nAmbientCapabilities=~CAP_KILL", capability("CAP_KILL", "kill"), eperm},
		{"set-user-ID", "252", "NoNewPrivileges=yes", sudo, "unprivileged"},
		{"root gains nothing", "252", "NoNewPrivileges=yes", asRoot, gone},
		{"a filter implies it", "254", "User=daemon\nSystemCallFilter=~@mount", sudo, "unprivileged"},
		{"no more from 255 on", "255", "User=daemon\nSystemCallFilter=~@mount", sudo, gone},
		{"unless the filter is in the way", "255", "User=daemon\nSystemCallFilter=~capset", sudo, "unprivileged"},
		{"no is written in many ways", "254", "User=daemon\nRestrictRealtime=off", sudo, gone},
		{"and so is yes", "254", "User=daemon\nRestrictRealtime=on", sudo, "unprivileged"},
		{"root keeps the capability", "252", "SystemCallFilter=~@mount", sudo, gone},
		{"root has it until then", "252", "CapabilityBoundingSet=CAP_KILL\nSystemCallFilter=~@mount", sudo, gone},
	}
	scene := NewScene([]trace.Observation{file(trace.OpCreate, "/tmp/own")})
	model := NewModel()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := model.Sandbox(settings(test.unit), target(t, test.version), scene)
			for _, r := range s.rules[trace.KindFile] {
				_, local := r.rule.(localRule)
				if _, byOp := r.rule.(opRule); !local && !byOp {
					t.Errorf("%T concerns no file: it would never be asked", r.rule)
				}
			}
			var got trace.Outcome
			for _, v := range s.Violations(&test.o) {
				if v.Tolerated == "" && got == "" {
					got = v.Outcome
				}
			}
			if got != test.want {
				t.Errorf("%s on systemd %s: outcome %q, want %q", test.unit, test.version, got, test.want)
			}
		})
	}
}
