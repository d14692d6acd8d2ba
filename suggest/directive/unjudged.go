// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Unjudged is a setting that restricts a service, and of which nobody can tell from a
// trace what it denies.
type Unjudged struct {
	trace.Setting
	Why string `json:"why"`
	// Use is what was in use at most of what it limits; nil if it limits nothing of the
	// kind, or nothing is known.
	Use *Use `json:"use,omitempty"`
}

// unjudged are the directives that restrict a service by what is outside of the unit, or
// by how much it uses.
var unjudged = []struct {
	why   string
	names []string
}{
	{"what is in that file system is not known", []string{"RootDirectory", "RootImage", "RootMStack", "MountImages", "ExtensionImages", "ExtensionDirectories"}},
	{"what can be reached in that namespace is not known", []string{"NetworkNamespacePath", "IPCNamespacePath", "UserNamespacePath"}},
	{"what can be reached by that interface is not known", []string{"BindNetworkInterface"}},
	{"what that policy denies is not known", []string{"SELinuxContext", "AppArmorProfile", "SmackProcessLabel"}},
	{"what that program denies is not known", []string{"IPIngressFilterPath", "IPEgressFilterPath", "BPFProgram"}},
	{"what the firewall denies to that set is not known", []string{"NFTSet"}},
	{"it is of systemd 229 only", []string{"Capabilities"}},
	{"it is about how much is used in all", []string{
		"MemorySwapMax", "MemoryZSwapMax",
		"StartupMemoryMax", "StartupMemoryHigh", "StartupMemorySwapMax", "StartupMemoryZSwapMax",
		"StateDirectoryQuota", "CacheDirectoryQuota", "LogsDirectoryQuota",
	}},
	{"it is about how much one process uses", []string{
		"LimitCPU", "LimitFSIZE", "LimitDATA", "LimitSTACK", "LimitCORE", "LimitRSS", "LimitAS", "LimitMEMLOCK", "LimitLOCKS", "LimitRTTIME",
	}},
	{usersInAll, []string{"LimitSIGPENDING", "LimitMSGQUEUE"}},
	{"which priorities are asked for is not known", []string{"LimitNICE", "LimitRTPRIO"}},
	{"how many files are left with systemd is not known", []string{"FileDescriptorStoreMax"}},
	{"it is about how long the service runs", []string{"RuntimeMaxSec"}},
}

// unlimited are the values that restrict nothing, of directives that otherwise do.
var unlimited = []string{"", "infinity", "/", "off"}

// UnjudgedIn returns those among a unit's settings that the target reads and that
// restrict it in a way that nobody can tell from a trace.
func UnjudgedIn(settings []trace.Setting, t systemd.Target) []Unjudged {
	u := newUnit(settings, t, nil)
	var list []Unjudged
	judge := func(name, why string) {
		if values := u.Values(name); !slices.Contains(unlimited, last(values)) {
			list = append(list, Unjudged{Setting: trace.Setting{Name: name, Value: effective(values)}, Why: why})
		}
	}
	for _, row := range unjudged {
		for _, name := range row.names {
			judge(name, row.why)
		}
	}
	for _, l := range limits {
		judge(l.name, l.whyUnjudged())
	}
	for _, s := range u.settings {
		if hasSpecifiers(s, t) {
			list = append(list, Unjudged{Setting: s, Why: "what its specifiers stand for is not known"})
		}
	}
	return list
}

// hasSpecifiers tells whether a setting names files, and by what only the host tells.
func hasSpecifiers(s trace.Setting, t systemd.Target) bool {
	class := systemd.ClassOf(s.Name)
	if !slices.Contains([]systemd.Class{systemd.ClassPathList, systemd.ClassBind, systemd.ClassTmpfs, systemd.ClassExecDir, systemd.ClassDevice}, class) {
		return false
	}
	words, _ := systemd.Words(s.Value, class, t.Systemd) // what comes after an error is ignored
	return slices.ContainsFunc(words, func(w systemd.Word) bool { return w.Symbolic })
}

// WhyUnjudged says why nobody can tell from a trace what a directive denies; "" if the
// model can, or does not know it.
func WhyUnjudged(name string) string {
	if l := limitOf(name); l != nil {
		return l.whyUnjudged()
	}
	for _, row := range unjudged {
		if slices.Contains(row.names, name) {
			return row.why
		}
	}
	return ""
}
