// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// as gives an observation another user.
func as(uid uint32, o trace.Observation) trace.Observation {
	o.Actor.UID, o.Actor.GID = uid, uid
	return o
}

func owned(o trace.Observation, owner, parent *trace.Owner) trace.Observation {
	f := *o.File
	f.Owner, f.Parent = owner, parent
	o.File = &f
	return o
}

func node(op trace.FileOp, path, dev string) trace.Observation {
	o := file(op, path)
	o.File.Type, o.File.Dev = trace.TypeCharDev, dev
	return o
}

func address(op trace.AddressOp, kind, ip string, port uint16) trace.Observation {
	return ok(trace.Observation{Kind: trace.KindAddress, Address: &trace.Address{Op: op, Family: "AF_INET", Type: kind, IP: ip, Port: port}})
}

// TestDeniesAsSystemd has what real systemds (247, 252, 257 and 262) were seen to do where the
// model once said otherwise, and beside it what they let pass.
func TestDeniesAsSystemd(t *testing.T) {
	gone := trace.Outcome("")
	open, shut := &trace.Owner{Mode: 0o755}, &trace.Owner{Mode: 0o700}
	unnamed := file(trace.OpCreate, "/etc/#[inode]")
	unnamed.File.Unlinked = true
	flags := file(trace.OpIoctl, "/etc/x")
	flags.File.Request = 0x40086602
	size := file(trace.OpIoctl, "/etc/x")
	size.File.Request = 0x5413
	linked := file(trace.OpLinkTo, "/srv/x")
	linked.File.Peer = "/proc/self/fd/3"
	exchanged := file(trace.OpRenameTo, "/srv/x")
	exchanged.File.Peer = "/srv/y"
	linkOfProc := file(trace.OpRead, "/proc/self/mounts")
	linkOfProc.File.Given = "/proc/mounts"
	old := sys("mmap", arg(2, 7))
	old.Syscall.ABI = "i386"
	socketI386 := sys("socket", arg(0, 2))
	socketI386.Syscall.ABI = "i386"
	uid32 := sys("setuid32", arg(0, 33))
	uid32.Syscall.ABI = "i386"
	newNetwork := trace.Arg{Name: "flags", Index: -1, Value: 0x40000000}
	answered := failed(sys("clone3", newNetwork), enosys)
	answered.Syscall.Filtered = true
	signalled := ok(trace.Observation{Kind: trace.KindSignal, Signal: &trace.Signal{Number: 1}})
	reload := sys("kill")
	reload.Actor.Line = "ExecReload"
	helper := file(trace.OpExecute, "/usr/bin/helper")
	helper.File.Owner = &trace.Owner{UID: 7, GID: 7, Mode: 0o4755}
	tests := []struct {
		name, version, unit string
		o                   trace.Observation
		want                trace.Outcome
	}{
		{"the mount is asked before permissions", "252", "ReadOnlyPaths=/etc", owned(failed(as(9, file(trace.OpChmod, "/etc/x")), eperm), open, open), erofs},
		{"but not before the way there", "252", "ReadOnlyPaths=/etc", owned(failed(as(9, file(trace.OpCreate, "/etc/d/x")), eacces), nil, shut), gone},
		{"nor when the directory is writable", "252", "ReadOnlyPaths=/etc", owned(failed(as(9, file(trace.OpCreate, "/etc/d/x")), eacces), nil, &trace.Owner{Mode: 0o777}), gone},
		{"opening asks permissions first", "252", "ReadOnlyPaths=/etc", owned(failed(as(9, file(trace.OpWrite, "/etc/x")), eacces), shut, open), gone},
		{"a file without a name", "252", "ReadOnlyPaths=/etc", unnamed, erofs},
		{"setting flags", "252", "ReadOnlyPaths=/etc", flags, erofs},
		{"an allow-list that says ENOSYS twice", "257", "SystemCallFilter=@system-service\nSystemCallFilter=~ioperm:ENOSYS", file(trace.OpExecute, "/usr/bin/x"), eacces},
		{"and a user's", "257", "User=probe\nSystemCallFilter=@system-service\nSystemCallFilter=~ioperm:ENOSYS", file(trace.OpExecute, "/usr/bin/x"), eacces},
		{"an allow-list that says it once", "252", "SystemCallFilter=@system-service\nSystemCallFilter=~ioperm:ENOSYS", file(trace.OpExecute, "/usr/bin/x"), gone},
		{"an allow-list that says something else", "257", "SystemCallFilter=@system-service\nSystemCallFilter=~ioperm:ENOENT", file(trace.OpExecute, "/usr/bin/x"), gone},
		{"a deny-list that says ENOSYS", "257", "SystemCallFilter=~ioperm:ENOSYS", file(trace.OpExecute, "/usr/bin/x"), gone},
		{"a path that is emptied away", "252", "InaccessiblePaths=/var/lib/x\nTemporaryFileSystem=/var/lib:ro", file(trace.OpExecute, "/usr/bin/x"), enoent},
		{"and of which it is said twice", "257", "InaccessiblePaths=/var/lib/x\nStateDirectory=x\nTemporaryFileSystem=/var/lib:ro", file(trace.OpExecute, "/usr/bin/x"), enoent},
		{"a path that systemd makes there", "257", "ReadWritePaths=/var/lib/x\nStateDirectory=x\nTemporaryFileSystem=/var/lib:ro", file(trace.OpExecute, "/usr/bin/x"), gone},
		{"a path that need not be there", "252", "InaccessiblePaths=-/var/lib/x\nTemporaryFileSystem=/var/lib:ro", file(trace.OpExecute, "/usr/bin/x"), gone},
		{"a path that is put back", "252", "ReadOnlyPaths=/var/lib/x\nTemporaryFileSystem=/var/lib:ro\nBindPaths=/var/lib/x", file(trace.OpExecute, "/usr/bin/x"), gone},
		{"a path beside what is emptied", "252", "ReadOnlyPaths=/var/log/x\nTemporaryFileSystem=/var/lib:ro", file(trace.OpExecute, "/usr/bin/x"), gone},
		{"a path in a home that is emptied", "252", "ReadOnlyPaths=/home/x\nProtectHome=tmpfs", file(trace.OpExecute, "/usr/bin/x"), enoent},
		{"a path in a /tmp of its own", "252", "ReadOnlyPaths=/tmp/x\nPrivateTmp=yes", file(trace.OpExecute, "/usr/bin/x"), enoent},
		{"asking for a size", "252", "ReadOnlyPaths=/etc", size, gone},
		{"asking by a descriptor", "252", "TemporaryFileSystem=/etc", size, gone},
		{"opening what is hidden", "252", "TemporaryFileSystem=/etc", file(trace.OpRead, "/etc/x"), enoent},
		{"mapping says EPERM", "252", "NoExecPaths=/srv", file(trace.OpMapExec, "/srv/x"), eperm},
		{"a name for a file without one", "252", "NoExecPaths=/srv", linked, gone},
		{"an inaccessible directory is empty to root", "252", "InaccessiblePaths=/srv", file(trace.OpList, "/srv"), Empty},
		{"and closed to others", "252", "InaccessiblePaths=/srv", as(9, file(trace.OpList, "/srv")), eacces},
		{"and to root without the capability", "252", "InaccessiblePaths=/srv\nCapabilityBoundingSet=CAP_KILL", file(trace.OpList, "/srv"), eacces},
		{"nothing is made in it", "252", "InaccessiblePaths=/srv", file(trace.OpCreate, "/srv/x"), erofs},
		{"what is not there is not mounted over", "252", "InaccessiblePaths=/srv", failed(file(trace.OpList, "/srv"), enoent), gone},
		{"a device of it", "252", "InaccessiblePaths=/dev/kmsg", node(trace.OpRead, "/dev/kmsg", "1:11"), eacces},
		{"a directory is not there any more", "252", "PrivateTmp=yes", file(trace.OpCreate, "/tmp/d/x"), enoent},
		{"on the way to what systemd makes", "252", "TemporaryFileSystem=/var\nStateDirectory=a", dirs(trace.OpStat, "/var/lib"), gone},
		{"and on no other", "252", "TemporaryFileSystem=/var\nStateDirectory=a", dirs(trace.OpStat, "/var/log"), enoent},
		{"a tmpfs is root's", "252", "TemporaryFileSystem=/srv", as(9, file(trace.OpCreate, "/srv/x")), eacces},
		{"unless it is open", "252", "TemporaryFileSystem=/srv:mode=1777", as(9, file(trace.OpCreate, "/srv/x")), gone},
		{"sealed by another at its path", "252", "TemporaryFileSystem=/srv\nTemporaryFileSystem=/srv:ro", file(trace.OpCreate, "/srv/x"), erofs},
		{"what is renamed is not there", "252", "TemporaryFileSystem=/srv", exchanged, enoent},
		{"read-only comes before tmpfs", "252", "TemporaryFileSystem=/srv\nReadOnlyPaths=/srv", file(trace.OpRead, "/srv/x"), gone},
		{"and bind before read-only", "252", "BindPaths=/opt:/srv\nReadOnlyPaths=/srv", file(trace.OpWrite, "/srv/x"), erofs},
		{"ExecPaths= re-opens for writing", "252", "ProtectSystem=strict\nExecPaths=/srv", file(trace.OpWrite, "/srv/x"), gone},
		{"ReadWritePaths= for execution", "252", "NoExecPaths=/\nReadWritePaths=/srv", file(trace.OpExecute, "/srv/x"), gone},
		{"nothing is opened in what is empty", "252", "TemporaryFileSystem=/srv:ro\nReadWritePaths=-/srv/d", file(trace.OpCreate, "/srv/d/x"), enoent},
		{"but what is bound there", "252", "TemporaryFileSystem=/srv:ro\nBindPaths=/srv/d", file(trace.OpWrite, "/srv/d/x"), gone},
		{"a mount is seen by nobody else", "252", "ProtectHome=yes", file(trace.OpMount, "/mnt"), Hidden},
		{"without a mount namespace it is", "252", "LockPersonality=yes", file(trace.OpMount, "/mnt"), gone},
		{"/run stays writable where /proc is mounted", "252", "ProtectSystem=strict\nProtectProc=invisible", file(trace.OpCreate, "/run/x"), gone},
		{"and else it does not", "252", "ProtectSystem=strict", file(trace.OpCreate, "/run/x"), erofs},
		{"null by another name", "252", "DevicePolicy=closed", node(trace.OpWrite, "/usr/null", "1:3"), gone},
		{"strict has no null", "252", "DevicePolicy=strict", node(trace.OpWrite, "/dev/null", "1:3"), eperm},
		{"nor a standard input", "252", "DevicePolicy=strict", file(trace.OpExecute, "/bin/x"), eperm},
		{"but for one that is allowed", "252", "DevicePolicy=strict\nDeviceAllow=/dev/null r", file(trace.OpExecute, "/bin/x"), gone},
		{"or another one", "252", "DevicePolicy=strict\nStandardInput=socket", file(trace.OpExecute, "/bin/x"), gone},
		{"closed has one", "252", "DevicePolicy=closed", file(trace.OpExecute, "/bin/x"), gone},
		{"only for writing", "252", "DevicePolicy=strict\nDeviceAllow=/dev/null w", node(trace.OpRead, "/dev/null", "1:3"), eperm},
		{"a driver by name", "252", "DevicePolicy=closed\nDeviceAllow=char-misc rw", node(trace.OpRead, "/dev/fuse", "10:229"), gone},
		{"asked before the driver", "252", "DevicePolicy=closed", failed(node(trace.OpRead, "/dev/mem", "1:1"), "ENXIO"), eperm},
		{"a capability that another stands in for", "252", "CapabilityBoundingSet=~CAP_BPF", capability("CAP_BPF", "bpf"), gone},
		{"both are gone", "252", "CapabilityBoundingSet=~CAP_BPF CAP_SYS_ADMIN", capability("CAP_BPF", "bpf"), eperm},
		{"ports say EACCES", "252", "CapabilityBoundingSet=~CAP_NET_BIND_SERVICE", capability("CAP_NET_BIND_SERVICE", "bind"), eacces},
		{"setfsuid never fails", "252", "CapabilityBoundingSet=~CAP_SETUID", capability("CAP_SETUID", "setfsuid"), Unprivileged},
		{"noroot", "252", "SecureBits=noroot", capability("CAP_CHOWN", "chown"), eperm},
		{"noroot-locked alone", "252", "SecureBits=noroot-locked", capability("CAP_CHOWN", "chown"), gone},
		{"the last line counts", "252", "SecureBits=noroot\nSecureBits=keep-caps", capability("CAP_CHOWN", "chown"), gone},
		{"each line counted", "234", "SecureBits=noroot\nSecureBits=keep-caps", capability("CAP_CHOWN", "chown"), eperm},
		{"since an empty one", "234", "SecureBits=noroot\nSecureBits=\nSecureBits=keep-caps", capability("CAP_CHOWN", "chown"), gone},
		{"noroot leaves what is ambient", "252", "SecureBits=noroot\nAmbientCapabilities=CAP_CHOWN", capability("CAP_CHOWN", "chown"), gone},
		{"and nothing else", "252", "SecureBits=noroot\nAmbientCapabilities=CAP_CHOWN", capability("CAP_FOWNER", "chmod"), eperm},
		{"a filter of one's own", "252", "SecureBits=noroot", capability("CAP_SYS_ADMIN", "seccomp"), eacces},
		{"is for all who gain nothing", "252", "SecureBits=noroot\nNoNewPrivileges=yes", capability("CAP_SYS_ADMIN", "seccomp"), gone},
		{"in the old way, too", "252", "CapabilityBoundingSet=\nNoNewPrivileges=yes", capability("CAP_SYS_ADMIN", "prctl"), gone},
		{"and mounts are not", "252", "CapabilityBoundingSet=\nNoNewPrivileges=yes", capability("CAP_SYS_ADMIN", "mount"), eperm},
		{"clone3 and its flags", "252", "CapabilityBoundingSet=~CAP_SYS_ADMIN", sys("clone3", trace.Arg{Name: "flags", Index: -1, Value: 0x20000}), eperm},
		{"which the kernel refuses", "252", "User=daemon", failed(sys("clone3", newNetwork), "ENOSPC"), eperm},
		{"but not what a filter answers", "252", "User=daemon", answered, gone},
		{"which another filter answers all the same", "252", "SystemCallFilter=~clone3:EPERM", answered, eperm},
		{"root's own file", "252", "User=daemon", owned(file(trace.OpRead, "/etc/x"), shut, open), eacces},
		{"a file for all", "252", "User=daemon", owned(file(trace.OpRead, "/etc/x"), open, open), gone},
		{"a file for a group of his", "252", "User=daemon", owned(file(trace.OpRead, "/etc/x"), &trace.Owner{GID: 8, Mode: 0o640}, open), gone},
		{"a directory of root's", "252", "User=daemon", owned(file(trace.OpCreate, "/etc/x"), nil, open), eacces},
		{"his own", "252", "User=daemon", owned(file(trace.OpCreate, "/etc/x"), nil, &trace.Owner{UID: 9, Mode: 0o755}), gone},
		{"root's own directory", "252", "User=daemon", owned(file(trace.OpChdir, "/root"), shut, open), eacces},
		{"an empty one in its place", "252", "User=daemon\nProtectHome=tmpfs", owned(file(trace.OpChdir, "/root"), shut, open), gone},
		{"the owner changes modes", "252", "User=daemon", owned(file(trace.OpChmod, "/etc/x"), open, open), eperm},
		{"though the way there is his", "252", "User=daemon\nAmbientCapabilities=CAP_DAC_OVERRIDE", owned(file(trace.OpChmod, "/etc/x"), open, shut), eperm},
		{"or who may do so", "252", "User=daemon\nAmbientCapabilities=CAP_DAC_OVERRIDE CAP_FOWNER", owned(file(trace.OpChmod, "/etc/x"), open, shut), gone},
		{"giving files away is another", "252", "User=daemon\nAmbientCapabilities=CAP_DAC_OVERRIDE CAP_CHOWN", owned(file(trace.OpChown, "/etc/x"), open, shut), gone},
		{"sysctls are root's", "252", "User=daemon\nAmbientCapabilities=CAP_DAC_OVERRIDE", owned(file(trace.OpWrite, "/proc/sys/x"), open, open), eacces},
		{"a handle asks for one of two", "252", "CapabilityBoundingSet=~CAP_DAC_READ_SEARCH", capability("CAP_DAC_READ_SEARCH", "open_by_handle_at"), eperm},
		{"for which the other does elsewhere", "252", "CapabilityBoundingSet=~CAP_DAC_READ_SEARCH", capability("CAP_DAC_READ_SEARCH", "openat"), gone},
		{"unless it was ambient", "252", "User=daemon\nAmbientCapabilities=CAP_DAC_OVERRIDE", owned(file(trace.OpRead, "/etc/x"), shut, open), gone},
		{"signals to root", "252", "User=daemon", signalled, eperm},
		{"root is no such user", "252", "User=root", owned(file(trace.OpRead, "/etc/x"), shut, open), gone},
		{"a user has none", "252", "User=daemon", capability("CAP_CHOWN", "chown"), eperm},
		{"but ambient ones", "252", "User=daemon\nAmbientCapabilities=CAP_CHOWN", capability("CAP_CHOWN", "chown"), gone},
		{"either marks packets", "252", "CapabilityBoundingSet=~CAP_NET_RAW", capability("CAP_NET_RAW", "setsockopt"), gone},
		{"one makes buffers larger", "252", "CapabilityBoundingSet=~CAP_NET_ADMIN", capability("CAP_NET_ADMIN", "setsockopt"), eperm},
		{"abroad", "252", "PrivateUsers=yes", capability("CAP_SYS_ADMIN", "mount"), eperm},
		{"at home", "252", "PrivateUsers=yes", capability("CAP_SYS_CHROOT", "chroot"), gone},
		{"to give namespaces to", "258", "DelegateNamespaces=mnt", capability("CAP_SYS_ADMIN", "mount"), eperm},
		{"whether there are any or not", "258", "PrivateUsers=no\nDelegateNamespaces=no", capability("CAP_SYS_ADMIN", "mount"), eperm},
		{"nothing is said of them", "258", "DelegateNamespaces=", capability("CAP_SYS_ADMIN", "mount"), gone},
		{"nobody to give files to", "252", "PrivateUsers=yes\nSecureBits=noroot", capability("CAP_CHOWN", "chown"), einval},
		{"whoever is asked first", "252", "SecureBits=noroot\nPrivateUsers=yes", capability("CAP_CHOWN", "chown"), einval},
		{"somebody", "257", "SecureBits=noroot\nPrivateUsers=identity", capability("CAP_CHOWN", "chown"), eperm},
		{"all groups are the unit's", "258", "PrivateUsers=full", capability("CAP_SETGID", "setgroups"), gone},
		{"and these are not", "258", "PrivateUsers=identity", capability("CAP_SETGID", "setgroups"), eperm},
		{"nor before 258", "257", "DelegateNamespaces=yes", capability("CAP_SYS_ADMIN", "mount"), gone},
		{"nobody else is known", "252", "PrivateUsers=yes", sys("setuid", arg(0, 33)), einval},
		{"root is", "252", "PrivateUsers=yes", sys("setuid", arg(0, 0)), gone},
		{"whose process it is", "257", "PrivateUsers=yes", owned(as(9, file(trace.OpRead, "/proc/[pid]/status")), &trace.Owner{UID: 7, GID: 7, Mode: 0o444}, open), Hidden},
		{"what another process of one's own executes", "257", "PrivateUsers=yes", as(9, file(trace.OpStat, "/proc/[pid]/exe")), eacces},
		{"that it is there", "257", "PrivateUsers=yes", as(9, file(trace.OpStat, "/proc/[pid]/stat")), gone},
		{"what one executes oneself", "257", "PrivateUsers=yes", as(9, file(trace.OpStat, "/proc/self/exe")), gone},
		{"root's", "257", "PrivateUsers=yes", owned(as(9, file(trace.OpRead, "/proc/[pid]/status")), &trace.Owner{Mode: 0o444}, open), gone},
		{"what it is in", "257", "PrivateUsers=yes", owned(as(9, file(trace.OpRead, "/proc/[pid]/cgroup")), &trace.Owner{UID: 7, GID: 7, Mode: 0o444}, open), gone},
		{"which unit it is of", "257", "ProtectControlGroups=strict", file(trace.OpRead, "/proc/[pid]/cgroup"), Hidden},
		{"in a cgroup namespace", "257", "ProtectControlGroups=private", file(trace.OpRead, "/proc/[pid]/cgroup"), Hidden},
		{"which unit one is of oneself", "257", "ProtectControlGroups=strict", file(trace.OpRead, "/proc/self/cgroup"), gone},
		{"what else is told of it", "257", "ProtectControlGroups=strict", file(trace.OpRead, "/proc/[pid]/status"), gone},
		{"without a cgroup namespace", "257", "ProtectControlGroups=yes", file(trace.OpRead, "/proc/[pid]/cgroup"), gone},
		{"before there was one", "252", "ProtectControlGroups=strict", file(trace.OpRead, "/proc/[pid]/cgroup"), gone},
		{"a new name", "257", "ProtectHostname=yes", file(trace.OpRead, "/proc/sys/kernel/hostname"), Hidden},
		{"in a namespace of its own", "258", "ProtectHostname=private", file(trace.OpRead, "/proc/sys/kernel/hostname"), Hidden},
		{"the name, once", "257", "ProtectHostname=yes", sys("uname"), gone},
		{"what else the kernel tells", "257", "ProtectHostname=yes", file(trace.OpRead, "/proc/sys/kernel/osrelease"), gone},
		{"in the host's namespace", "257", "ProtectHostname=no", file(trace.OpRead, "/proc/sys/kernel/hostname"), gone},
		{"all are, with identity", "257", "PrivateUsers=identity", sys("setuid", arg(0, 33)), gone},
		{"identity is newer", "252", "PrivateUsers=identity", capability("CAP_SYS_ADMIN", "mount"), gone},
		{"set-id of somebody unknown", "252", "PrivateUsers=yes", helper, Unprivileged},
		{"the same personality", "252", "LockPersonality=yes", sys("personality", arg(0, 0)), gone},
		{"a locked one", "252", "LockPersonality=yes\nPersonality=x86", sys("personality", arg(0, 8)), gone},
		{"time goes with the others", "252", "RestrictNamespaces=~user", sys("unshare", arg(0, 0x80)), eperm},
		{"but not alone", "252", "RestrictNamespaces=~time", sys("unshare", arg(0, 0x80)), gone},
		{"yes is whatever was said before", "252", "RestrictNamespaces=~mnt\nRestrictNamespaces=yes", sys("unshare", arg(0, 0x10000000)), eperm},
		{"and no", "252", "RestrictNamespaces=yes\nRestrictNamespaces=no", sys("unshare", arg(0, 0x10000000)), gone},
		{"no filter keeps set-id", "252", "RestrictNamespaces=no\nRestrictNamespaces=uts\nUser=daemon", as(9, helper), gone},
		{"one does not", "252", "RestrictNamespaces=uts\nUser=daemon", as(9, helper), Unprivileged},
		{"nor an empty list", "247", "SystemCallFilter=~mkdir\nSystemCallFilter=mkdir\nUser=daemon", as(9, helper), gone},
		{"but one with a call", "247", "SystemCallFilter=~mkdir rmdir\nSystemCallFilter=mkdir\nUser=daemon", as(9, helper), Unprivileged},
		{"i386 has no socket filter", "252", "RestrictAddressFamilies=AF_UNIX", socketI386, gone},
		{"MDWE has another errno", "257", "MemoryDenyWriteExecute=yes", sys("mmap", arg(2, 7)), eacces},
		{"and no old mmap", "257", "MemoryDenyWriteExecute=yes", old, gone},
		{"hidden processes", "252", "ProtectProc=invisible", as(9, file(trace.OpRead, "/proc/[pid]/status")), enoent},
		{"root sees them", "252", "ProtectProc=invisible", file(trace.OpRead, "/proc/[pid]/status"), gone},
		{"who was root sees them no more", "252", "ProtectProc=noaccess\nUser=daemon", file(trace.OpRead, "/proc/[pid]/status"), eperm},
		{"nor traces them", "252", "ProtectProc=noaccess\nUser=daemon", file(trace.OpRead, "/proc/[pid]/environ"), eperm},
		{"but in root's group", "252", "ProtectProc=noaccess\nUser=daemon\nSupplementaryGroups=root", file(trace.OpRead, "/proc/[pid]/status"), gone},
		{"no access", "252", "ProtectProc=noaccess", as(9, file(trace.OpRead, "/proc/[pid]/status")), eperm},
		{"links of /proc are none", "252", "ProcSubset=pid", linkOfProc, enoent},
		{"who has less cannot trace", "252", "CapabilityBoundingSet=CAP_KILL", file(trace.OpRead, "/proc/[pid]/environ"), eacces},
		{"but look", "252", "CapabilityBoundingSet=CAP_KILL", file(trace.OpRead, "/proc/[pid]/status"), gone},
		{"nobody outside", "257", "PrivatePIDs=yes", signalled, "ESRCH"},
		{"not yet", "252", "PrivatePIDs=yes", signalled, gone},
		{"whoever reloads it", "257", "PrivatePIDs=yes", reload, "ESRCH"},
		{"its own processes", "257", "PrivatePIDs=yes", sys("kill"), gone},
		{"systemd has no number", "257", "PrivatePIDs=yes", file(trace.OpConnect, "/run/systemd/private"), "ENODATA"},
		{"nobody asks for that of others", "257", "PrivatePIDs=yes", file(trace.OpConnect, "/run/dbus/system_bus_socket"), gone},
		{"its own cgroups", "257", "ProtectControlGroups=private", file(trace.OpMkdir, "/sys/fs/cgroup/x"), gone},
		{"read-only ones", "257", "ProtectControlGroups=strict", file(trace.OpMkdir, "/sys/fs/cgroup/x"), erofs},
		{"a user looks into its own", "257", "ProtectControlGroups=private\nUser=daemon", owned(file(trace.OpList, "/sys/fs/cgroup"), shut, open), gone},
		{"and not into the system's", "257", "ProtectControlGroups=yes\nUser=daemon", owned(file(trace.OpList, "/sys/fs/cgroup"), shut, open), eacces},
		{"and reads what is there", "257", "ProtectControlGroups=private\nUser=daemon", owned(file(trace.OpRead, "/sys/fs/cgroup/cgroup.procs"), &trace.Owner{Mode: 0o644}, shut), gone},
		{"and makes nothing", "257", "ProtectControlGroups=private\nUser=daemon", owned(file(trace.OpMkdir, "/sys/fs/cgroup/x"), nil, open), eacces},
		{"/sys is mounted anew", "257", "ReadOnlyPaths=/\nPrivateNetwork=yes", file(trace.OpMkdir, "/sys/fs/cgroup/x"), gone},
		{"it was not before 254", "252", "ReadOnlyPaths=/\nPrivateNetwork=yes", file(trace.OpMkdir, "/sys/fs/cgroup/x"), erofs},
		{"a mount namespace by another name", "252", "MountFlags=slave", file(trace.OpMount, "/mnt"), Hidden},
		{"and none", "252", "MountFlags=shared", file(trace.OpMount, "/mnt"), gone},
		{"the journal's sockets need one", "257", "BindLogSockets=yes", file(trace.OpMount, "/mnt"), Hidden},
		{"not before 257", "252", "BindLogSockets=yes", file(trace.OpMount, "/mnt"), gone},
		{"another journal", "252", "LogNamespace=x", file(trace.OpMkdir, "/run/systemd/journal/x"), erofs},
		{"the same journal", "252", "LogNamespace=", file(trace.OpMkdir, "/run/systemd/journal/x"), gone},
		{"by its old name", "252", "ReadOnlyDirectories=/srv", file(trace.OpMkdir, "/srv/x"), erofs},
		{"reset by its new one", "252", "ReadOnlyDirectories=/srv\nReadOnlyPaths=", file(trace.OpMkdir, "/srv/x"), gone},
		{"which 229 does not know", "229", "ReadOnlyDirectories=/srv\nReadOnlyPaths=/etc", file(trace.OpMkdir, "/etc/x"), gone},
		{"but the old one", "229", "ReadOnlyDirectories=/srv", file(trace.OpMkdir, "/srv/x"), erofs},
		{"one reset for both", "252", "BindReadOnlyPaths=/srv\nBindPaths=", file(trace.OpMkdir, "/srv/x"), gone},
		{"which hides mounts", "257", "PrivateNetwork=yes", file(trace.OpMount, "/mnt"), Hidden},
		{"and does not if it need not", "257", "PrivateNetwork=yes\nPrivateMounts=no", file(trace.OpMount, "/mnt"), gone},
		{"but beside another", "257", "ReadOnlyPaths=/\nPrivateNetwork=yes\nPrivateMounts=no", file(trace.OpMkdir, "/sys/fs/cgroup/x"), gone},
		{"what is said of it counts", "257", "ReadOnlyPaths=/sys\nPrivateNetwork=yes", file(trace.OpMkdir, "/sys/fs/cgroup/x"), erofs},
		{"its own name", "258", "ProtectHostname=private", sys("sethostname"), Hidden},
		{"private is newer", "257", "ProtectHostname=private", sys("sethostname"), gone},
		{"another port", "257", "SocketBindDeny=any\nSocketBindAllow=tcp:80", address(trace.AddressBind, "SOCK_STREAM", "0.0.0.0", 81), eperm},
		{"the port", "257", "SocketBindDeny=any\nSocketBindAllow=tcp:80", address(trace.AddressBind, "SOCK_STREAM", "0.0.0.0", 80), gone},
		{"the port of another protocol", "257", "SocketBindDeny=any\nSocketBindAllow=tcp:80", address(trace.AddressBind, "SOCK_DGRAM", "0.0.0.0", 80), eperm},
		{"loopback interface", "257", "RestrictNetworkInterfaces=eth0", address(trace.AddressSend, "SOCK_DGRAM", "127.0.0.1", 53), eperm},
		{"is let", "257", "RestrictNetworkInterfaces=lo", address(trace.AddressSend, "SOCK_DGRAM", "127.0.0.1", 53), gone},
		{"connecting waits", "252", "IPAddressDeny=any", address(trace.AddressConnect, "SOCK_STREAM", "192.0.2.1", 80), TimedOut},
		{"sending fails", "252", "IPAddressDeny=any", address(trace.AddressSend, "SOCK_DGRAM", "192.0.2.1", 53), eperm},
		{"binding does not", "252", "IPAddressDeny=any", address(trace.AddressBind, "SOCK_STREAM", "0.0.0.0", 80), gone},
		{"a lone network", "252", "PrivateNetwork=yes", address(trace.AddressConnect, "SOCK_STREAM", "192.0.2.1", 80), "ENETUNREACH"},
		{"joined instead", "252", "PrivateNetwork=yes\nNetworkNamespacePath=/x", address(trace.AddressConnect, "SOCK_STREAM", "192.0.2.1", 80), gone},
		{"queues of its own are mounted", "252", "PrivateIPC=yes", file(trace.OpMount, "/mnt"), Hidden},
		{"IPC of others", "252", "PrivateIPC=yes", sys("shmget"), Hidden},
		{"unknown to systemd", "257", "SystemCallFilter=@system-service", sys("uselib"), enosys},
		{"an errno in an allow-list", "248", "SystemCallFilter=@system-service\nSystemCallFilter=~mkdir:ENOENT", sys("mkdir"), enoent},
		{"had no effect before 248", "247", "SystemCallFilter=@system-service\nSystemCallFilter=~mkdir:ENOENT", sys("mkdir"), trace.OutcomeKilled},
		{"unknown natively", "257", "SystemCallFilter=@basic-io", uid32, enosys},
		{"a dynamic user writes nowhere", "252", "DynamicUser=yes", file(trace.OpWrite, "/etc/x"), erofs},
		{"the policy is in memory", "262-1", "RestrictRealtime=yes", sys("sched_setattr"), gone},
		{"and nobody looks", "262.1", "RestrictRealtime=yes", sys("sched_setattr"), eperm},
		{"the same in a branch that was read", "261.2", "RestrictRealtime=yes", sys("sched_setattr"), gone},
		{"later ones may have the change", "261.3", "RestrictRealtime=yes", sys("sched_setattr"), eperm},
		{"and so may 259.1", "259.1", "RestrictRealtime=yes", sys("sched_setattr"), eperm},
		{"and what Debian 13 has has not", "257.13", "RestrictRealtime=yes", sys("sched_setattr"), gone},
		{"nor an old one of no release", "257", "RestrictRealtime=yes", sys("sched_setattr"), gone},
		{"any 262 may do so", "262", "RestrictRealtime=yes", sys("sched_setattr"), eperm},
		{"users need /proc", "252", "PrivateUsers=yes\nReadOnlyPaths=/", file(trace.OpExecute, "/usr/bin/true"), erofs},
		{"all of it", "257", "PrivateUsers=yes\nInaccessiblePaths=/proc", file(trace.OpExecute, "/usr/bin/true"), enoent},
		{"which stays writable", "252", "PrivateUsers=yes\nProtectSystem=strict", file(trace.OpExecute, "/usr/bin/true"), gone},
		{"and where it is mounted", "252", "PrivateUsers=yes\nReadOnlyPaths=/\nProtectControlGroups=yes", file(trace.OpExecute, "/usr/bin/true"), gone},
		{"not with processes of its own", "258", "PrivateBPF=yes\nPrivatePIDs=yes", file(trace.OpExecute, "/usr/bin/true"), "EPIPE"},
		{"one of them is well", "258", "PrivateBPF=yes\nPrivatePIDs=no", file(trace.OpExecute, "/usr/bin/true"), gone},
		{"a user's own process", "252", "User=daemon", owned(file(trace.OpWrite, "/proc/self/comm"), &trace.Owner{Mode: 0o644}, open), gone},
		{"and the system's", "252", "User=daemon", owned(file(trace.OpWrite, "/proc/sys/x"), &trace.Owner{Mode: 0o644}, open), eacces},
		{"the clock beside a policy", "247", "ProtectClock=yes\nDevicePolicy=closed", node(trace.OpRead, "/dev/rtc0", "250:0"), gone},
		{"and nothing else", "247", "ProtectClock=yes\nDevicePolicy=closed", node(trace.OpRead, "/dev/x", "251:0"), eperm},
		{"so from 252 on", "252", "ProtectClock=yes\nDevicePolicy=closed", node(trace.OpRead, "/dev/rtc0", "250:0"), gone},
		{"which closes none by it", "252", "ProtectClock=yes", node(trace.OpRead, "/dev/x", "251:0"), gone},
		{"and no other clock is", "252", "DevicePolicy=closed", node(trace.OpRead, "/dev/rtc0", "250:0"), eperm},
		{"an empty home is everybody's up to 256", "252", "ProtectHome=tmpfs", as(9, dirs(trace.OpAskWrite, "/home")), gone},
		{"and what is made there goes", "252", "ProtectHome=tmpfs", as(9, file(trace.OpCreate, "/home/x")), Hidden},
		{"it is nobody's from 257 on", "257", "ProtectHome=tmpfs", dirs(trace.OpAskWrite, "/home"), erofs},
		{"and nothing is made there", "257", "ProtectHome=tmpfs", file(trace.OpCreate, "/home/x"), erofs},
		{"its own pinned objects", "258", "PrivateBPF=yes", file(trace.OpMkdir, "/sys/fs/bpf/x"), gone},
		{"everybody's", "258", "PrivateBPF=yes\nUser=daemon", owned(file(trace.OpList, "/sys/fs/bpf"), shut, open), gone},
		{"pinned objects", "258", "PrivateBPF=yes", file(trace.OpRead, "/sys/fs/bpf/x"), enoent},
		{"not before 258", "257", "PrivateBPF=yes", file(trace.OpRead, "/sys/fs/bpf/x"), gone},
	}
	model := NewModel()
	people := trace.Unit{Users: map[uint32]string{0: "root", 9: "daemon"}, Groups: map[uint32]string{0: "root", 9: "daemon", 8: "logs"}, Members: map[uint32][]uint32{9: {8}}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			on := target(t, test.version)
			if on.Systemd.AtLeast(257) {
				on.Kernel = systemd.KernelVersion{Major: 6, Minor: 12}
			}
			s := model.Sandbox(settings(test.unit), on, NewScene([]trace.Observation{test.o}).With(people))
			var got trace.Outcome
			if v := s.Violations(&test.o); len(v) > 0 {
				got = v[0].Outcome
			}
			if got != test.want {
				t.Errorf("%s on systemd %s: outcome %q, want %q", test.unit, test.version, got, test.want)
			}
		})
	}
}

// TestMountedAtTheNextStart: what a service makes is there only once it runs, so that
// nothing is mounted there.
func TestMountedAtTheNextStart(t *testing.T) {
	of := func(line string, o trace.Observation) trace.Observation {
		o.Actor.Line = line
		return o
	}
	makes := of("ExecStart", dirs(trace.OpMkdir, "/data/a"))
	executed := of("ExecStart", file(trace.OpExecute, "/data/a/x"))
	for _, c := range []struct {
		name, unit string
		before     trace.Observation
		want       trace.Outcome
	}{
		{"it made it", "NoExecPaths=/\nExecPaths=-/data/a", makes, eacces},
		{"it found it", "NoExecPaths=/\nExecPaths=-/data/a", failed(makes, "EEXIST"), ""},
		{"another line made it before", "NoExecPaths=/\nExecPaths=-/data/a", of("ExecStartPre", makes), ""},
		{"it is in what may be executed", "NoExecPaths=/\nExecPaths=-/data", makes, ""},
		{"it is mounted at the next start", "NoExecPaths=-/data/a", makes, eacces},
		{"something is brought there", "NoExecPaths=/\nTemporaryFileSystem=/data\nBindPaths=/opt:/data/a", makes, ""},
	} {
		s := NewModel().Sandbox(settings(c.unit), target(t, "252"), NewScene([]trace.Observation{c.before, executed}))
		var got trace.Outcome
		if v := s.Violations(&executed); len(v) > 0 {
			got = v[0].Outcome
		}
		if got != c.want {
			t.Errorf("%s: %s: outcome %q, want %q", c.name, c.unit, got, c.want)
		}
	}
}

// TestChosenTogether: what is well alone and not beside what was chosen before is found
// to be so, whichever comes first.
func TestChosenTogether(t *testing.T) {
	executed := file(trace.OpExecute, "/usr/bin/true")
	executed.Actor = trace.Actor{Exe: "/usr/bin/true", Phase: trace.PhaseService}
	tr := &trace.Trace{Observations: []trace.Observation{executed}}
	for _, c := range []struct {
		chosen, next string
		want         int
	}{
		{"", "PrivatePIDs=yes", 0},
		{"PrivateBPF=yes", "PrivatePIDs=yes", 1},
		{"PrivatePIDs=yes", "PrivateBPF=yes", 1},
		{"ReadOnlyPaths=/", "PrivateUsers=yes", 1},
		{"ProtectSystem=strict", "PrivateUsers=yes", 0},
	} {
		e := NewEvidence(tr, target(t, "262"), Strict, NewModel())
		e.Chosen = settings(c.chosen)
		if got := e.Violations(settings(c.next), 0); len(got) != c.want {
			t.Errorf("%s after %q: %d violations, want %d", c.next, c.chosen, len(got), c.want)
		}
	}
}
