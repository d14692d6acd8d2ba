// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

const bookwormFeatures = "+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP +GCRYPT -GNUTLS -BPF_FRAMEWORK -XKBCOMMON +UTMP +SYSVINIT default-hierarchy=unified"

// forVersion returns a target by version alone.
func forVersion(t testing.TB, s string) Target {
	t.Helper()
	v, err := ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return Target{Systemd: v}
}

func TestTargetOf(t *testing.T) {
	got, err := TargetOf(trace.Host{
		Systemd: "252.39-1~deb12u2", Features: bookwormFeatures, Kernel: "6.1.0-37-amd64", Arch: "x86_64",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Systemd.Major != 252 || got.Kernel != (KernelVersion{6, 1}) || got.Arch != "x86_64" {
		t.Errorf("TargetOf = %+v", got)
	}
	if !got.Supports("SECCOMP") || got.Supports("BPF_FRAMEWORK") {
		t.Errorf("features = %v", got.Features)
	}
}

func TestTargetOfRefuses(t *testing.T) {
	for want, h := range map[string]trace.Host{
		"the trace's systemd version: ": {Systemd: "banana", Kernel: "6.1"},
		"the trace's kernel: ":          {Systemd: "252", Kernel: "new"},
	} {
		if _, err := TargetOf(h); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("TargetOf(%+v) = %v; want %q…", h, err, want)
		}
	}
}

func TestFeaturesThatAreNotKnown(t *testing.T) {
	f := ParseFeatures("default-hierarchy=unified + -")
	if f != nil {
		t.Errorf("a line without features gave %v", f)
	}
	if !f.Has("SECCOMP") || f.Has("BPF_FRAMEWORK") {
		t.Error("an unknown build must count as built with SECCOMP and without BPF_FRAMEWORK")
	}
	if ParseFeatures("-SECCOMP").Has("SECCOMP") {
		t.Error("-SECCOMP counts as built in")
	}
}

func TestKernelVersions(t *testing.T) {
	k, err := ParseKernel("6.12.43+deb13-amd64")
	if err != nil || k != (KernelVersion{6, 12}) || k.String() != "6.12" {
		t.Errorf("ParseKernel = %v, %v", k, err)
	}
	if !k.AtLeast(KernelVersion{6, 3}) || !k.AtLeast(KernelVersion{5, 15}) || k.AtLeast(KernelVersion{6, 13}) {
		t.Error("6.12 is compared wrongly")
	}
	if (KernelVersion{}).AtLeast(KernelVersion{4, 3}) {
		t.Error("an unknown kernel is at least 4.3")
	}
	for _, s := range []string{"", "linux", "6", "-1.2"} {
		if _, err := ParseKernel(s); err == nil {
			t.Errorf("ParseKernel(%q) is no error", s)
		}
	}
}

func TestAccepts(t *testing.T) {
	for _, tt := range []struct {
		version, key string
		want         bool
	}{
		{"229", "NoNewPrivileges", true},
		{"244", "ProtectClock", false},
		{"245", "ProtectClock", true},
		{"262", "CPUAccounting", false},
		{"257", "CPUAccounting", true},
		{"263", "ProtectClock", true},
		{"263", "CPUAccounting", false},
		{"252", "ReadWritePaths=", false},
		{"252", "BananaPaths", false},
		{"239-82.el8_10.5", "RestrictSUIDSGID", true},
		{"239", "RestrictSUIDSGID", false},
		{"240-1.el8", "RestrictSUIDSGID", false},
	} {
		if got := forVersion(t, tt.version).Accepts(tt.key); got != tt.want {
			t.Errorf("systemd %s accepts %s: %t", tt.version, tt.key, got)
		}
	}
}
