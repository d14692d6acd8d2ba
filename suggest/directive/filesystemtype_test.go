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
		{"RestrictFileSystems=ext4", opened(""), allowed},
		{"RestrictFileSystems=ext4", failed(opened("tmpfs"), enoent), allowed},
		{"RestrictFileSystems=ext4", on("tmpfs", file(trace.OpStat, "/x/y")), allowed},
		{"RestrictFileSystems=ext4", on("overlay", file(trace.OpExecute, "/x/y")), eperm},
	} {
		s := NewModel().Sandbox(settings(c.lines), target(t, "257"), NewScene(nil))
		got := allowed
		if v := s.Violations(&c.o); len(v) > 0 {
			got = v[0].Outcome
		}
		if got != c.want {
			t.Errorf("%q on %q: %q, want %q", c.lines, c.o.File.FS, got, c.want)
		}
	}
}

func TestProposeFileSystems(t *testing.T) {
	without := target(t, "257")
	without.Features = systemd.ParseFeatures("+SECCOMP -BPF_FRAMEWORK")
	ring := ok(trace.Observation{Kind: trace.KindIOUring, IOUring: &trace.IOUring{Op: "openat"}})
	const usual = "@basic-api @common-block @temporary"
	for _, c := range []struct {
		name   string
		o      []trace.Observation
		level  Level
		target systemd.Target
		want   string
	}{
		{"usual ones", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), on("proc", file(trace.OpRead, "/proc/self/stat"))}, Strict, target(t, "257"), usual},
		{"an overlay", []trace.Observation{on("overlay", file(trace.OpRead, "/a/b")), on("overlay", file(trace.OpRead, "/a/c"))}, Strict, target(t, "257"), usual + " overlay"},
		{"another in one directory", []trace.Observation{on("ext", file(trace.OpRead, "/a/b")), on("fuse", file(trace.OpRead, "/a/c"))}, Strict, target(t, "257"), usual + " fuse"},
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
				t.Errorf("%s: denies %+v", c.name, v[0])
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
