// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"errors"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestDirectivesAreReadable(t *testing.T) {
	rows := tableRows(directivesData, directiveColumns)
	if len(keys()) != len(rows) {
		t.Error("a key has two rows")
	}
	for _, row := range rows {
		if row[4] == "" && strings.Join(row[4:], "") != "" {
			t.Errorf("%s is of no kind", row[0])
		}
	}
	kinds := map[kind]bool{kindBool: true, kindEnum: true, kindClosed: true, kindOpen: true, kindCalls: true, kindFree: true}
	for _, d := range directives() {
		if d.Class < 0 || !kinds[d.kind] {
			t.Errorf("%s has class %d and kind %q", d.Name, d.Class, d.kind)
		}
		if d.kind == kindFree && len(d.values) > 0 || d.kind == kindEnum && len(d.values) == 0 {
			t.Errorf("%s of kind %s has values %v", d.Name, d.kind, d.values)
		}
		if d.Appends > 0 && d.Appends < d.Since {
			t.Errorf("%s appends from v%d on, but came with v%d", d.Name, d.Appends, d.Since)
		}
		for value, since := range d.values {
			if since != 0 && since <= d.Since {
				t.Errorf("%s=%s came with v%d, the directive with v%d", d.Name, value, since, d.Since)
			}
		}
	}
}

func TestValueKnown(t *testing.T) {
	for _, tt := range []struct {
		version, directive, value string
		want                      bool
	}{
		{"231", "ProtectSystem", "strict", false},
		{"232", "ProtectSystem", "strict", true},
		{"229", "ProtectSystem", "full", true},
		{"252", "ProtectSystem", "Strict", false},
		{"252", "ProtectSystem", "", false},
		{"252", "ProtectSystem", "yes full", false},
		{"252", "ProtectSystem", "bool", false},
		{"237", "ProtectHome", "tmpfs", false},
		{"238", "ProtectHome", "tmpfs", true},
		{"256", "PrivateTmp", "disconnected", false},
		{"257", "PrivateTmp", "disconnected", true},
		{"256", "PrivateTmp", "on", true},
		{"257", "PrivateUsers", "full", false},
		{"258", "PrivateUsers", "full", true},
		{"257", "ProtectHostname", "private", false},
		{"257", "ProtectHostname", "yes:host", false},
		{"258", "ProtectHostname", "private:host", true},
		{"256", "ProtectControlGroups", "strict", false},
		{"252", "NoNewPrivileges", "maybe", false},
		{"252", "NoNewPrivileges", "1", true},
		{"257", "RestrictNamespaces", "net time", false},
		{"258", "RestrictNamespaces", "~net time", true},
		{"252", "RestrictNamespaces", "yes", true},
		{"248", "RestrictAddressFamilies", "none", false},
		{"249", "RestrictAddressFamilies", "none", true},
		{"229", "RestrictAddressFamilies", "AF_INET AF_UNIX", true},
		{"252", "RestrictAddressFamilies", `~"AF_INET" AF_LOCAL`, true},
		{"252", "RestrictAddressFamilies", "AF_INT", false},
		{"241", "RestrictAddressFamilies", "AF_XDP", false},
		{"252", "CapabilityBoundingSet", "~CAP_KIL", false},
		{"252", "CapabilityBoundingSet", `"cap_kill 7"`, true},
		{"252", "SystemCallArchitectures", "native x86-64", true},
		{"252", "SystemCallArchitectures", "x86_64", false},
		{"252", "IPAddressDeny", "any 10.0.0.0/8 ::1 fe80::/64", true},
		{"252", "IPAddressDeny", "10.0.0.0/33", false},
		{"252", "IPAddressDeny", "example.org", false},
		{"252", "UMask", "0027", true},
		{"252", "UMask", "0888", false},
		{"252", "ReadOnlyPaths", "/a %h/b", true},
		{"252", "ReadOnlyPaths", "a", false},
		{"245", "CapabilityBoundingSet", "CAP_KILL CAP_BPF", false},
		{"246", "CapabilityBoundingSet", "CAP_KILL cap_bpf", true},
		{"246", "SystemCallErrorNumber", "kill", false},
		{"246", "SystemCallErrorNumber", "EPERM", true},
		{"237", "SystemCallFilter", "@system-service", false},
		{"239", "SystemCallFilter", "@system-service", true},
		{"230", "SystemCallFilter", "@default", false},
		{"252", "SystemCallFilter", "read clone3", true},
		{"237", "SystemCallFilter", "read clone3", false},
		{"235", "SystemCallFilter", "~ptrace:EACCES", false},
		{"236", "SystemCallFilter", "~ptrace:EACCES", true},
		{"246", "SystemCallFilter", "~ptrace:kill", false},
		{"247", "SystemCallFilter", "~@debug:kill", true},
		{"252", "SystemCallFilter", "", true},
		{"232", "ReadWritePaths", "+/a", false},
		{"233", "ReadWritePaths", "/a -+/b", true},
		{"252", "ReadWritePaths", `"/a`, false},
		{"256", "StateDirectory", "a:b:ro", false},
		{"257", "StateDirectory", "a:b:ro", true},
		{"234", "StateDirectory", "a", false},
		{"252", "BananaPaths", "/a", false},
		{"252", "Nice", "5", true}, // accepted, and not in the table
	} {
		if got := forVersion(t, tt.version).ValueKnown(tt.directive, tt.value); got != tt.want {
			t.Errorf("v%s knows %s=%s: %t", tt.version, tt.directive, tt.value, got)
		}
	}
}

func TestCheckSaysWhyALineIsIgnored(t *testing.T) {
	bookworm := Target{
		Systemd: Version{Major: 252}, Features: ParseFeatures(bookwormFeatures), Kernel: KernelVersion{6, 1}, Arch: "x86_64",
	}
	old := bookworm
	old.Kernel = KernelVersion{5, 4}
	trixie := Target{Systemd: Version{Major: 257}, Features: ParseFeatures("+SECCOMP +BPF_FRAMEWORK"), Kernel: KernelVersion{6, 12}}
	for _, tt := range []struct {
		target           Target
		directive, value string
		want             string // "" if nothing is to say
	}{
		{bookworm, "ProtectSystem", "strict", ""},
		{bookworm, "PrivatePIDs", "yes", "systemd 252 does not know the directive"},
		{bookworm, "PrivateTmp", "disconnected", `does not know "disconnected"`},
		{bookworm, "ReadOnlyPaths", "/usr var/log", `"var/log" is no absolute path`},
		{bookworm, "RestrictFileSystems", "ext4", "built without BPF_FRAMEWORK"},
		{trixie, "RestrictFileSystems", "ext4", ""},
		{trixie, "SocketBindDeny", "any", ""},
		{Target{}, "SocketBindDeny", "any", "built without BPF_FRAMEWORK"}, // unknown
		{Target{}, "SystemCallFilter", "read", ""},
		{Target{Features: ParseFeatures("-SECCOMP")}, "SystemCallFilter", "read", "built without SECCOMP"},
		{old, "ProtectProc", "invisible", "it needs Linux 5.8, that is 5.4"},
		{bookworm, "ProtectProc", "invisible", ""},
		{Target{}, "ProtectProc", "invisible", ""}, // an unknown kernel is new enough
	} {
		err := tt.target.Check(tt.directive, tt.value)
		var ignored *IgnoredError
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s=%s: %v", tt.directive, tt.value, err)
		case tt.want != "" && (!errors.As(err, &ignored) || !strings.Contains(ignored.Reason, tt.want)):
			t.Errorf("%s=%s: %v; want %q", tt.directive, tt.value, err, tt.want)
		}
		if tt.target.Enforces(tt.directive, tt.value) != (err == nil) {
			t.Errorf("Enforces and Check disagree on %s", tt.directive)
		}
	}
}

// A line that is there already is not said to be ignored where that is not known.
func TestIgnores(t *testing.T) {
	for _, tt := range []struct {
		features string
		ignored  bool
	}{{"", false}, {"+SECCOMP", false}, {"+BPF_FRAMEWORK", false}, {"-BPF_FRAMEWORK", true}} {
		target := Target{Systemd: Version{Major: 257}, Features: ParseFeatures(tt.features)}
		if err := target.Ignores("SocketBindDeny", "any"); (err != nil) != tt.ignored {
			t.Errorf("%q: %v", tt.features, err)
		}
		if got := len(AsRead([]trace.Setting{{Name: "SocketBindDeny", Value: "any"}}, target, "")) == 0; got != tt.ignored {
			t.Errorf("%q: left out is %t", tt.features, got)
		}
	}
	if err := (Target{}).Ignores("NoNewPrivileges", "maybe"); err == nil {
		t.Error("NoNewPrivileges=maybe is not ignored")
	}
}

func TestLookupDirective(t *testing.T) {
	d, ok := LookupDirective("RestrictNamespaces")
	if !ok || d.Since != 233 || d.Class != ClassWordsRaw || d.Default != "no" || d.Feature != "SECCOMP" {
		t.Errorf("RestrictNamespaces is %+v", d)
	}
	if d.IsList(Version{Major: 238}) || !d.IsList(Version{Major: 239}) {
		t.Error("RestrictNamespaces adds up from v239 on")
	}
	if _, ok := LookupDirective("BananaPaths"); ok {
		t.Error("BananaPaths is there")
	}
	if ClassOf("ReadWritePaths") != ClassPathList || ClassOf("BananaPaths") != ClassPlain {
		t.Error("classes are wrong")
	}
}
