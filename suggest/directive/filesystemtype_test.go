// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

func on(fs string, o trace.Observation) trace.Observation {
	o.File.FS = fs
	return o
}

func TestRestrictFileSystems(t *testing.T) {
	opened := func(fs string) trace.Observation { return on(fs, file(trace.OpRead, "/x/y")) }
	for _, c := range []struct {
		lines string
		o     trace.Observation
		want  trace.Outcome
	}{
		{"RestrictFileSystems=ext4", opened("ext"), allowed},
		{"RestrictFileSystems=ext4", opened("tmpfs"), eperm},
		{"RestrictFileSystems=@common-block", opened("ext"), allowed},
		{"RestrictFileSystems=@basic-api", opened("tmpfs"), allowed}, // devtmpfs has its magic number
		{"RestrictFileSystems=@known", opened("debugfs"), allowed},
		{"RestrictFileSystems=@known", opened("nsfs"), allowed},
		{"RestrictFileSystems=@known", opened("zfs"), eperm},
		{"RestrictFileSystems=@application", opened("autofs"), allowed},
		{"RestrictFileSystems=fuseblk", opened("fuse"), allowed},
		{"RestrictFileSystems=~cpuset", opened("cgroup"), eperm},
		{"RestrictFileSystems=~@privileged-api", opened("debugfs"), eperm},
		{"RestrictFileSystems=~@privileged-api", opened("ext"), allowed},
		{"RestrictFileSystems=ext4 tmpfs\nRestrictFileSystems=~tmpfs", opened("tmpfs"), eperm},
		{"RestrictFileSystems=ext4\nRestrictFileSystems=", opened("tmpfs"), allowed},
		{"RestrictFileSystems=ext4", sys("pidfd_open"), eperm},
		{"RestrictFileSystems=ext4", sys("clone", arg(0, 0x1011)), eperm},
		{"RestrictFileSystems=ext4", sys("clone", arg(0, 0x11)), allowed},
		{"RestrictFileSystems=ext4", sys("clone3", trace.Arg{Name: "flags", Index: -1, Value: 0x1000}), eperm},
		{"RestrictFileSystems=ext4 pidfs", sys("pidfd_open"), allowed},
		{"RestrictFileSystems=~ext4", sys("pidfd_open"), allowed},
		{"RestrictFileSystems=ext4", sys("mq_open"), eperm},
		{"RestrictFileSystems=@basic-api", sys("mq_open"), allowed},
		{"RestrictFileSystems=ext4", sys("setns"), eperm},
		{"RestrictFileSystems=ext4 nsfs", sys("setns"), allowed},
		{"RestrictFileSystems=~ext4", sys("setns"), allowed},
		{"RestrictFileSystems=ext4", on("tmpfs", failed(node(trace.OpRead, "/dev/sda", "8:0"), "ENXIO")), eperm},
		{"RestrictFileSystems=ext4", on("tmpfs", failed(node(trace.OpRead, "/dev/sda", "8:0"), eacces)), allowed},
		{"RestrictFileSystems=ext4", opened(""), allowed},
		{"RestrictFileSystems=ext4", failed(opened("tmpfs"), enoent), allowed},
		{"RestrictFileSystems=ext4", on("tmpfs", file(trace.OpStat, "/x/y")), allowed},
		{"RestrictFileSystems=ext4", on("overlay", file(trace.OpExecute, "/x/y")), eperm},
	} {
		on := target(t, "257")
		on.Kernel = systemd.KernelVersion{Major: 6, Minor: 12}
		s := NewModel().Sandbox(settings(c.lines), on, NewScene(nil))
		got := allowed
		if v := s.Violations(&c.o); len(v) > 0 {
			got = v[0].Outcome
		}
		if got != c.want {
			t.Errorf("%q on %+v: %q, want %q", c.lines, c.o, got, c.want)
		}
	}
}

// TestTypesNeedPrivileges: systemd does not start what it cannot restrict.
func TestTypesNeedPrivileges(t *testing.T) {
	executed := file(trace.OpExecute, "/usr/bin/true")
	for _, c := range []struct {
		version, lines string
		want           trace.Outcome
	}{
		{"257", "", allowed},
		{"257", "User=daemon", eperm},
		{"257", "User=root", allowed},
		{"257", "User=daemon\nNoNewPrivileges=yes", eperm},
		{"257", "User=daemon\nLockPersonality=yes", allowed},
		{"257", "User=daemon\nSystemCallFilter=@system-service", allowed},
		{"257", "DynamicUser=yes", allowed}, // has a filter for set-id bits
		{"257", "PrivateUsers=yes\nLockPersonality=yes", eperm},
		{"257", "PrivateUsers=no", allowed},
		{"257", "RestrictFileSystems=\nUser=daemon", allowed},
		{"254", "User=daemon\nLockPersonality=yes", eperm},
		{"249", "User=daemon", allowed}, // which does not know the directive
	} {
		s := NewModel().Sandbox(settings("RestrictFileSystems=~debugfs\n"+c.lines), target(t, c.version), NewScene(nil))
		got := allowed
		if v := s.Violations(&executed); len(v) > 0 {
			got = v[0].Outcome
		}
		if got != c.want {
			t.Errorf("%q on %s: %q, want %q", c.lines, c.version, got, c.want)
		}
	}
}

func TestProposeFileSystems(t *testing.T) {
	without := target(t, "257")
	without.Features = systemd.ParseFeatures("+SECCOMP -BPF_FRAMEWORK")
	ring := ok(trace.Observation{Kind: trace.KindIOUring, IOUring: &trace.IOUring{Op: "openat"}})
	const usual, older = "@basic-api @common-block @temporary pidfs", "@basic-api @common-block @temporary"
	of254 := target(t, "254")
	of254.Kernel = systemd.KernelVersion{Major: 6, Minor: 8}
	after := of254
	after.Kernel.Minor = 9
	processes := sys("pidfd_open")
	for _, c := range []struct {
		name   string
		o      []trace.Observation
		level  Level
		target systemd.Target
		want   string
	}{
		{"usual ones", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), on("proc", file(trace.OpRead, "/proc/self/stat"))}, Strict, target(t, "257"), usual},
		{"an overlay", []trace.Observation{on("overlay", file(trace.OpRead, "/a/b")), on("overlay", file(trace.OpRead, "/a/c"))}, Strict, target(t, "257"), older + " overlay pidfs"},
		{"another in one directory", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), on("fuse", file(trace.OpRead, "/a/c"))}, Strict, target(t, "257"), older + " fuse pidfs"},
		{"processes", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), processes}, Strict, target(t, "257"), usual},
		{"namespaces", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), sys("setns")}, Strict, target(t, "257"), older + " nsfs pidfs"},
		{"none that there are", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), failed(sys("setns"), einval)}, Strict, target(t, "257"), ""},
		{"before they had one", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), processes}, Strict, of254, older},
		{"and no name for it", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), processes}, Strict, after, ""},
		{"an unknown one", []trace.Observation{on("", file(trace.OpRead, "/a/b"))}, Strict, target(t, "257"), ""},
		{"one without a name", []trace.Observation{on("zfs", file(trace.OpRead, "/a/b"))}, Strict, target(t, "257"), ""},
		{"only a look", []trace.Observation{on("zfs", file(trace.OpStat, "/a/b")), on("ext", file(trace.OpRead, "/a/b"))}, Strict, target(t, "257"), usual},
		{"by io_uring", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), ring}, Strict, target(t, "257"), ""},
		{"a lower level", []trace.Observation{on("ext", file(trace.OpRead, "/a/b"))}, Standard, target(t, "257"), ""},
		{"an older systemd", []trace.Observation{on("ext", file(trace.OpRead, "/a/b"))}, Strict, target(t, "249"), ""},
		{"built without it", []trace.Observation{on("ext", file(trace.OpRead, "/a/b"))}, Strict, without, ""},
	} {
		e := NewEvidence(&trace.Trace{Observations: c.o}, c.target, c.level, NewModel())
		got := ""
		if list := proposeFileSystems(e); len(list) > 0 {
			got = list[0].Settings[0].Value
			if v := e.Violations(list[0].Settings, 1); len(v) > 0 {
				got = ""
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
