// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sbxprof/sbxprof/trace"
)

// confinedSettings draws what a unit says that its administrator has confined by hand:
// looser and tighter than what is suggested, in several lines, with resets.
func confinedSettings() *rapid.Generator[[]trace.Setting] {
	values := map[string][]string{
		"ProtectSystem":           {"yes", "full", "strict", "no", "bogus"},
		"ProtectHome":             {"yes", "read-only", "tmpfs", "no", ""},
		"PrivateTmp":              {"yes", "no", "disconnected", "1"},
		"ProtectProc":             {"noaccess", "invisible", "ptraceable", "default"},
		"ProcSubset":              {"pid", "all"},
		"UMask":                   {"0077", "0027", "0022", "0777"},
		"PrivateUsers":            {"yes", "self", "identity", "no"},
		"PrivateDevices":          {"yes", "no"},
		"DevicePolicy":            {"auto", "closed", "strict"},
		"DeviceAllow":             {"/dev/null rw", "/dev/net/tun r", "", "char-pts rw"},
		"ProtectControlGroups":    {"yes", "strict", "private", "no"},
		"ProtectHostname":         {"yes", "private", "no"},
		"ProtectClock":            {"yes", "no"},
		"KeyringMode":             {"inherit", "shared", "private"},
		"NoNewPrivileges":         {"yes", "on", "no"},
		"PrivateMounts":           {"yes", "no"},
		"MountFlags":              {"slave", "private", "shared"},
		"RestrictNamespaces":      {"yes", "no", "user", "~user net", "", "mnt"},
		"RestrictAddressFamilies": {"AF_UNIX", "~AF_INET", "AF_INET AF_INET6", "", "none", "~AF_NETLINK AF_PACKET", "AF_NETLINK"},
		"CapabilityBoundingSet":   {"CAP_KILL CAP_SETUID", "~CAP_SYS_ADMIN", "", "~", "CAP_CHOWN", "~CAP_KILL"},
		"AmbientCapabilities":     {"CAP_NET_BIND_SERVICE", "", "~CAP_KILL"},
		"SecureBits":              {"noroot", "noroot-locked", ""},
		"User":                    {"www-data", "root", "33"},
		"Group":                   {"www-data", "adm"},
		"SystemCallFilter":        {"@system-service", "~@mount", "@basic-io @network-io", "~@privileged @resources", "", "~chmod:EACCES", "mount", "~bind", "@chown"},
		"SystemCallErrorNumber":   {"EACCES", "EPERM", "kill"},
		"SystemCallArchitectures": {"native", "native x86", "x86"},
		"ReadOnlyPaths":           {"/var/log", "/run", "", "-/var/lib/daemon", "/etc"},
		"ReadWritePaths":          {"/var/log", "/run/daemon", "", "/var/cache"},
		"InaccessiblePaths":       {"/srv", "/var/lib", "", "-/opt"},
		"NoExecPaths":             {"/", "/usr", ""},
		"ExecPaths":               {"/usr/bin", "/usr/sbin", ""},
		"TemporaryFileSystem":     {"/srv", "/var:ro", "/run", ""},
		"BindPaths":               {"/srv", "/var/log", ""},
		"BindReadOnlyPaths":       {"/srv", "/etc", "", "/var/cache:/var/lib"},
		"StateDirectory":          {"daemon", "", "other"},
		"RuntimeDirectory":        {"daemon", ""},
		"LogsDirectory":           {"daemon"},
		"IPAddressDeny":           {"any", "10.0.0.0/8", "", "localhost"},
		"IPAddressAllow":          {"localhost", "192.0.2.0/24", ""},
		"SocketBindDeny":          {"any", "tcp:80", ""},
		"SocketBindAllow":         {"tcp", "1024-65535", ""},
		"RestrictRealtime":        {"yes"}, "RestrictSUIDSGID": {"yes"}, "LockPersonality": {"yes"}, "MemoryDenyWriteExecute": {"yes"},
		"PrivateNetwork": {"yes", "no"}, "PrivateIPC": {"yes", "no"}, "PrivatePIDs": {"yes", "no"}, "RemoveIPC": {"yes", "no"},
		"ProtectKernelTunables": {"yes", "no"}, "ProtectKernelModules": {"yes", "no"}, "ProtectKernelLogs": {"yes", "no"}, "DynamicUser": {"no", "yes"},
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	one := rapid.Custom(func(t *rapid.T) trace.Setting {
		name := rapid.SampledFrom(names).Draw(t, "name")
		return trace.Setting{Name: name, Value: rapid.SampledFrom(values[name]).Draw(t, "value")}
	})
	return rapid.SliceOfN(one, 1, 8)
}

// What a unit itself denies stays denied with what is suggested for it.
func TestNeverLoosens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		tr.Header.Unit.Settings = append(tr.Header.Unit.Settings, confinedSettings().Draw(t, "confined")...)
		o := observations().Draw(t, "other")
		o.Actor.Phase, o.Outcome = trace.PhaseService, trace.OutcomeOK
		p, err := Suggest(tr, Options{Level: levels(t), Explicit: rapid.Bool().Draw(t, "explicit")})
		if err != nil {
			t.Fatal(err)
		}
		none := &Profile{Target: p.Target}
		if denies(tr, none, &o) && !denies(tr, p, &o) && !outside(p, o.Actor.Line) {
			t.Fatalf("the unit denies and the suggestion allows %+v %+v %+v %+v %+v\n%v\n%v", o, o.File, o.Syscall, o.Capability, o.Address,
				tr.Header.Unit.Settings, p.Settings())
		}
	})
}
