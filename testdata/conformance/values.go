// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

// testCase is settings to try the operations under.
type testCase struct {
	// name is the directive that it is about, or "combinations".
	name     string
	settings []trace.Setting
}

func (c testCase) String() string {
	var text []string
	for _, s := range c.settings {
		text = append(text, s.Name+"="+s.Value)
	}
	return strings.Join(text, " ")
}

func (c testCase) has(name, value string) bool {
	return slices.Contains(c.settings, trace.Setting{Name: name, Value: value})
}

// valuesOf is what to set a directive to. A value of several lines is several
// assignments; a line may name another directive that the value needs.
type valuesOf struct {
	name string
	list []string
}

// values are the table, and of directives that it does not have what the model proposes.
var values = append(table, proposed(directive.NewModel().Families())...)

// proposed are the values that the model proposes of directives that are not in the table.
func proposed(families []directive.Family) []valuesOf {
	var all []valuesOf
	for _, f := range families {
		for _, d := range f.Directives {
			v := valuesOf{name: d.Name}
			for _, p := range d.Values {
				v.list = append(v.list, p.Value)
			}
			if len(v.list) > 0 && !slices.ContainsFunc(table, func(row valuesOf) bool { return row.name == d.Name }) {
				all = append(all, v)
			}
		}
	}
	return all
}

// table is what to set directives to. Limits are not in it: they say how much, and not
// what.
var table = []valuesOf{
	{"ProtectSystem", []string{"yes", "full", "strict"}},
	{"ProtectHome", []string{"yes", "read-only", "tmpfs"}},
	{"PrivateTmp", []string{"yes", "connected", "disconnected"}},
	{"ReadWritePaths", []string{"/var/lib/probe\nProtectSystem=strict", "/etc\nProtectSystem=full", "/etc/probe\nProtectSystem=full", "/\nProtectSystem=strict"}},
	{"ReadOnlyPaths", []string{"/srv", "/var/lib/probe", "/", "/usr/probe /dev/shm", "/tmp"}},
	{"InaccessiblePaths", []string{"/srv", "-/nothing", "/home/probe /etc/probe", "/proc/sys", "/var/lib/probe", "/dev/kmsg"}},
	{"NoExecPaths", []string{"/var/lib/probe", "/\nExecPaths=/usr", "/srv /home\nExecPaths=/srv/probe", "/"}},
	{"ExecPaths", []string{"/usr/libexec\nNoExecPaths=/"}},
	{"TemporaryFileSystem", []string{"/srv", "/srv:ro", "/var/lib/probe", "/home /opt:ro", "/tmp", "/run"}},
	{"BindPaths", []string{"/srv:/opt", "/var/lib/probe", "/etc/probe:/srv/probe"}},
	{"BindReadOnlyPaths", []string{"/srv:/opt", "/var/lib/probe", "/srv\nTemporaryFileSystem=/srv", "/srv/probe\nTemporaryFileSystem=/srv"}},
	{"StateDirectory", []string{"probe-state\nProtectSystem=strict", "probe\nProtectSystem=strict"}},
	{"RuntimeDirectory", []string{"probe-run\nProtectSystem=strict"}},
	{"LogsDirectory", []string{"probe\nProtectSystem=strict"}},
	{"CacheDirectory", []string{"probe\nProtectSystem=strict"}},
	{"ConfigurationDirectory", []string{"probe\nProtectSystem=strict"}},
	{"PrivateDevices", []string{"yes"}},
	{"DevicePolicy", []string{"closed", "strict", "auto", "closed\nDeviceAllow=/dev/kmsg r", "closed\nDeviceAllow=char-mem rw", "strict\nDeviceAllow=/dev/null w"}},
	{"DeviceAllow", []string{"/dev/null rw", "/dev/fuse rw", "char-* r", "block-* rwm", "char-pts rw"}},
	{"ProtectKernelTunables", []string{"yes"}},
	{"ProtectKernelModules", []string{"yes"}},
	{"ProtectKernelLogs", []string{"yes"}},
	{"ProtectClock", []string{"yes", "yes\nDevicePolicy=closed"}},
	{"ProtectHostname", []string{"yes", "private", "yes\nPrivateTmp=yes"}},
	{"ProtectControlGroups", []string{"yes", "private", "strict", "private\nUser=probe"}},
	{"ProtectProc", []string{"noaccess", "invisible", "ptraceable", "default"}},
	{"ProcSubset", []string{"pid", "all"}},
	{"RestrictRealtime", []string{"yes"}},
	{"RestrictSUIDSGID", []string{"yes"}},
	{"LockPersonality", []string{"yes"}},
	{"MemoryDenyWriteExecute", []string{"yes"}},
	{"RestrictNamespaces", []string{"yes", "no", "~user\nyes", "yes\nno", "no\nuts", "user", "~user", "mnt net", "~mnt net", "cgroup ipc", "uts pid"}},
	{"RestrictAddressFamilies", []string{"none", "AF_UNIX", "AF_INET AF_INET6", "~AF_NETLINK", "~AF_UNIX AF_PACKET", "AF_UNIX AF_NETLINK AF_INET"}},
	{"PrivateNetwork", []string{"yes", "yes\nReadOnlyPaths=/", "yes\nReadOnlyPaths=/sys", "yes\nReadOnlyPaths=/\nPrivateMounts=no"}},
	{"PrivateIPC", []string{"yes"}},
	{"PrivateUsers", []string{"yes", "self", "identity", "full", "yes\nReadOnlyPaths=/", "yes\nReadOnlyPaths=/\nProtectControlGroups=yes", "yes\nInaccessiblePaths=/proc"}},
	{"PrivateMounts", []string{"yes"}},
	{"MountFlags", []string{"slave", "private", "shared"}},
	{"BindLogSockets", []string{"yes", "no"}},
	{"DelegateNamespaces", []string{"no", "yes", "mnt net"}},
	{"LogNamespace", []string{"probe"}},
	{"PrivatePIDs", []string{"yes", "yes\nPrivateBPF=yes"}},
	{"KeyringMode", []string{"private", "inherit", "shared"}},
	{"RemoveIPC", []string{"yes"}},
	{"UMask", []string{"0077", "0027", "0000"}},
	{"NoNewPrivileges", []string{"yes", "yes\nCapabilityBoundingSet=~CAP_NET_RAW", "yes\nCapabilityBoundingSet=~CAP_NET_RAW\nProtectSystem=full",
		"yes\nCapabilityBoundingSet=~CAP_NET_RAW\nProtectHome=yes", "yes\nAmbientCapabilities=CAP_NET_RAW"}},
	{"CapabilityBoundingSet", capabilityValues()},
	{"AmbientCapabilities", []string{"CAP_NET_RAW", "CAP_DAC_OVERRIDE CAP_CHOWN"}},
	{"SecureBits", []string{"noroot", "noroot-locked", "no-setuid-fixup", "noroot\nSecureBits=keep-caps"}},
	{"IPAddressDeny", []string{"any", "any\nIPAddressAllow=localhost", "192.0.2.0/24", "localhost", "multicast link-local"}},
	{"IPAddressAllow", []string{"192.0.2.1\nIPAddressDeny=any"}},
	{"SocketBindDeny", []string{"any", "tcp", "udp:1-1024", "ipv6", "any\nSocketBindAllow=tcp:80"}},
	{"SocketBindAllow", []string{"udp\nSocketBindDeny=any"}},
	{"RestrictNetworkInterfaces", []string{"lo", "~lo", "lan0"}},
	{"RestrictFileSystems", []string{"tmpfs", "~proc sysfs", "@basic-api tmpfs ext4 overlay", "@known", "~@privileged-api tmpfs", "@common-block\n~xfs", "ext4 proc\n"}},
	{"SystemCallArchitectures", []string{"native", "native x86", "x86-64", "x32"}},
	{"SystemCallFilter", filterValues()},
	{"SystemCallErrorNumber", []string{"EPERM\nSystemCallFilter=~@mount @debug", "ENOSYS\nSystemCallFilter=~mkdir", "EACCES\nSystemCallFilter=@system-service"}},
	{"SystemCallLog", []string{"@privileged", "~@default"}},
	{"TasksMax", []string{"64"}}, // the program needs some
	{"MemoryMax", []string{"64M"}},
	{"MemoryTHP", []string{"disable", "madvise"}},
	{"MemoryKSM", []string{"yes"}},
	{"DynamicUser", []string{"no"}},
	{"User", []string{"probe"}},
	{"Personality", []string{"x86-64"}},
	{"NetworkNamespacePath", []string{"/proc/1/ns/net"}},
	{"IPCNamespacePath", []string{"/proc/1/ns/ipc"}},
	{"SupplementaryGroups", []string{"4712"}},
	{"WorkingDirectory", []string{"/usr"}},
	{"PrivateBPF", []string{"yes", "yes\nUser=probe"}},
}

func capabilityValues() []string {
	list := []string{"", "~", "CAP_CHOWN CAP_FOWNER", "~CAP_SYS_ADMIN", "~CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH", "~CAP_DAC_OVERRIDE",
		"~CAP_SETUID CAP_SETGID", "~CAP_NET_ADMIN CAP_NET_RAW", "~CAP_MKNOD", "~CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_NICE CAP_SYS_RESOURCE"}
	for _, c := range []string{"CHOWN", "FOWNER", "FSETID", "KILL", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
		"SYS_RAWIO", "SYS_TIME", "SYS_TTY_CONFIG", "LEASE", "AUDIT_WRITE", "SETFCAP", "SYSLOG", "WAKE_ALARM", "BPF", "PERFMON", "CHECKPOINT_RESTORE"} {
		list = append(list, "~CAP_"+c)
	}
	return list
}

// filterValues leave the probe program what it needs to run and report.
func filterValues() []string {
	list := []string{"@system-service", "@system-service\n~@privileged @resources", "@system-service\n~@privileged\nchown",
		"~@mount\nSystemCallErrorNumber=EACCES", "~mkdir:ENOSPC rmdir:EXDEV", "~@mount\n~@debug", "@system-service mount\nSystemCallErrorNumber=EPERM",
		"@basic-io @process @file-system", "~unknown_call_x mkdir", "@system-service\n~mkdir:ENOENT",
		"@system-service\n~mkdir:ENOSYS"}
	for _, g := range []string{"aio", "chown", "clock", "cpu-emulation", "debug", "file-system", "io-event", "ipc", "keyring", "memlock", "module",
		"mount", "network-io", "obsolete", "pkey", "privileged", "raw-io", "reboot", "resources", "setuid", "signal", "swap", "sync", "timer"} {
		list = append(list, "~@"+g)
	}
	return list
}

// settingsOf reads a value of the table.
func settingsOf(name, value string) []trace.Setting {
	var list []trace.Setting
	for i, line := range strings.Split(value, "\n") {
		if other, v, named := strings.Cut(line, "="); i > 0 && named {
			list = append(list, trace.Setting{Name: other, Value: v})
			continue
		}
		list = append(list, trace.Setting{Name: name, Value: line})
	}
	return list
}

// cases are all that there is to try on a target: what systemd-run refuses, since
// it does not know it, is left out.
func cases(o options, t systemd.Target) []testCase {
	var all []testCase
	for _, v := range values {
		var known []testCase
		for _, value := range v.list {
			if c := (testCase{v.name, settingsOf(v.name, value)}); accepted(c, t) {
				known = append(known, c)
			}
		}
		if n := uint64(len(known)); o.one && n > 0 {
			known = known[o.seed%n:][:1]
		}
		all = append(all, known...)
	}
	all = append(all, draw(o.seed, o.combinations, t)...)
	return slices.DeleteFunc(all, func(c testCase) bool { return !o.only.MatchString(c.String()) })
}

func accepted(c testCase, t systemd.Target) bool {
	if c.has("User", probes.User) && c.has("StateDirectory", "probe") {
		return false // systemd would give the operations' files to the user, whoever was to own them
	}
	for _, s := range c.settings {
		if !t.Accepts(s.Name) || s.Value != "" && !strings.HasPrefix(s.Name, "SystemCall") && !t.ValueKnown(s.Name, s.Value) {
			return false
		}
	}
	return true
}
