// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// A call that the kernel does not have costs no more than a line.
func TestAbsentCalls(t *testing.T) {
	ring, removed := failed(sys("io_uring_setup"), enosys), failed(sys("_sysctl"), enosys)
	for _, test := range []struct {
		name, version, unit string
		level               Level
		want                string // the last line of the filter
	}{
		{"allow-list", "252", "", Standard, "~_sysctl:ENOSYS io_uring_setup:ENOSYS"},
		{"deny-list", "252", "", Safe, "~_sysctl:ENOSYS"},
		{"systemd itself says that there is no such call", "257", "", Standard, "io_uring_setup"},
		{"a deny-list answers as it is told", "257", "", Safe, "~_sysctl:ENOSYS"},
		{"an allow-list takes no errno", "247", "", Standard, "_sysctl io_uring_setup"},
		{"nor a deny-list, to be as strict", "247", "", Safe, "_sysctl"},
		{"the unit's own list", "252", "SystemCallFilter=@system-service", Standard, "~_sysctl:ENOSYS io_uring_setup:ENOSYS"},
	} {
		e := evidenceFor(t, test.version, test.unit, ring, removed)
		e.Level = test.level
		c := proposeFilter(e)[0]
		got := ""
		for i, s := range c.Settings {
			if s.Name == "SystemCallFilter" {
				got = s.Value
				if strings.Contains(s.Value, "_sysctl") && len(c.Reasons[i]) == 0 {
					t.Errorf("%s: no reason is given", test.name)
				}
			}
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if v := e.Violations(c.Settings, 0); len(v) > 0 && test.unit == "" {
			t.Errorf("%s: %s=%s denies %v", test.name, v[0].Directive, v[0].Value, v[0].Observation.Syscall)
		}
	}
}

// A unit's own filter that kills since nobody said otherwise does so no more, and that is
// told; what the unit says stays.
func TestOwnFilterKillsNoMore(t *testing.T) {
	for _, test := range []struct {
		name, version, unit string
		errno               bool
		note                string
	}{
		{"of its own", "252", "SystemCallFilter=@system-service", true, "SystemCallErrorNumber=kill in the unit keeps that"},
		{"that cannot be said", "245", "SystemCallFilter=~@clock", true, "as it is now"},
		{"none", "252", "", true, ""},
		{"said", "252", "SystemCallFilter=@system-service\nSystemCallErrorNumber=kill", false, ""},
	} {
		c := proposeFilter(evidenceFor(t, test.version, test.unit))[0]
		if errno := slices.ContainsFunc(c.Settings, func(s trace.Setting) bool { return s.Name == "SystemCallErrorNumber" }); errno != test.errno {
			t.Errorf("%s: SystemCallErrorNumber= is among the settings: %v", test.name, errno)
		}
		notes := slices.DeleteFunc(c.Notes, func(n string) bool { return !strings.Contains(n, "own filter") })
		if told := len(notes) > 0; told != (test.note != "") || told && !strings.HasSuffix(notes[0], test.note) {
			t.Errorf("%s: %q", test.name, notes)
		}
	}
}

// A call of which a filter says that it was made is missed, but for those that nobody misses.
func TestPretended(t *testing.T) {
	const groups, other = "@system-service\n~setgroups:0 mkdir:0", "~setgroups:0 mkdir:0"
	for _, test := range []struct {
		filter, version string
		o               trace.Observation
		want            trace.Outcome
	}{
		{groups, "252", sys("setgroups"), allowed},
		{groups, "252", failed(sys("setgroups"), eperm), allowed},
		{groups, "252", sys("mkdir"), notMade},
		{groups, "247", sys("setgroups"), trace.OutcomeKilled},
		{other, "252", sys("setgroups"), allowed},
		{other, "252", sys("mkdir"), notMade},
		{other, "252", sys("rmdir"), allowed},
	} {
		lines := strings.Split(test.filter, "\n")
		rules := readFilter(lines, newUnit(nil, target(t, test.version), nil))
		if got := rules[0].Denies(&test.o); got != test.want {
			t.Errorf("%s on %s: %s is %q, want %q", test.filter, test.version, test.o.Syscall.Name, got, test.want)
		}
	}
}

// What was called besides is needed as it is.
func TestAbsentOnceIsNotAbsent(t *testing.T) {
	e := evidenceFor(t, "252", "", failed(sys("io_uring_setup"), enosys), sys("io_uring_setup"))
	for _, s := range proposeFilter(e)[0].Settings {
		if strings.Contains(s.Value, "ENOSYS") {
			t.Errorf("%s=%s", s.Name, s.Value)
		}
	}
}

// Every allow-list says how many calls it lets pass, and that is so; a deny-list does not.
func TestOverGrant(t *testing.T) {
	for _, test := range []struct {
		name, version, unit string
		level               Level
	}{
		{"groups", "252", "", Standard},
		{"written out", "237", "", Standard},
		{"exactly", "252", "", Strict},
		{"the unit's own list", "252", "SystemCallFilter=@system-service", Standard},
		{"exactly, of the unit's own list", "252", "SystemCallFilter=@system-service", Strict},
		{"a deny-list", "252", "", Safe},
	} {
		e := evidenceFor(t, test.version, test.unit, sys("read"), sys("openat"), sys("personality"))
		e.Level = test.level
		c := proposeFilter(e)[0]
		u := newUnit(append(settings(test.unit), c.Settings...), e.Target, e.Scene)
		filter := readFilter(u.Values("SystemCallFilter"), u)[0].(*FilterRule)
		want := fmt.Sprintf("lets %d system calls pass, ", len(filter.allowedNames()))
		if says := len(c.Notes) > 0 && strings.HasPrefix(c.Notes[0], want); says != filter.Allow {
			t.Errorf("%s: %q, want %q: %t", test.name, c.Notes, want, filter.Allow)
		}
	}
}

// A group that loses a call takes no danger back.
func TestOnceFar(t *testing.T) {
	for _, test := range []struct {
		version, call string
		did           []trace.Observation
		named         bool
	}{
		{"258", "open_tree", nil, true},
		{"257", "open_tree", nil, false}, // as one of @mount
		{"258", "open_tree", []trace.Observation{sys("open_tree")}, false},
		{"252", "process_vm_readv", nil, true},
	} {
		e := evidenceFor(t, test.version, "", test.did...)
		e.Level = Safe
		c := proposeFilter(e)[0]
		if named := slices.Contains(strings.Fields(c.Settings[0].Value), test.call); named != test.named {
			t.Errorf("%s, %s after %d calls: %q", test.version, test.call, len(test.did), c.Settings[0].Value)
		}
	}
}

// What is written out of a group is what the target resolves, and whatever was seen.
func TestWrittenOutIsResolved(t *testing.T) {
	for _, test := range []struct {
		version, call string
		level         Level
		did           []trace.Observation
		named         bool
	}{
		{"257.13", "newfstat", Standard, nil, false},
		{"257.13", "newfstatat", Standard, nil, true},
		{"257.13", "file_getattr", Standard, nil, false},
		{"257.13", "file_getattr", Standard, []trace.Observation{sys("file_getattr")}, true},
		{"252.39", "uretprobe", Standard, nil, false}, // one of @default: it is allowed all the same
		{"257.13", "open_tree", Safe, nil, true},
		{"229", "_sysctl", Safe, nil, true}, // of a group that it does not have
		{"229", "kexec_file_load", Safe, nil, true},
		{"229", "userfaultfd", Safe, nil, false},
	} {
		e := evidenceFor(t, test.version, "", test.did...)
		e.Level, e.Explicit = test.level, true
		c := proposeFilter(e)[0]
		if named := slices.Contains(strings.Fields(strings.TrimPrefix(c.Settings[0].Value, "~")), test.call); named != test.named {
			t.Errorf("%s, %s after %d calls: %q", test.version, test.call, len(test.did), c.Settings[0].Value)
		}
	}
}

// A unit's own allow-list is not taken away where the target knows no word of it.
func TestOwnFilterOfUnknownWords(t *testing.T) {
	for version, groups := range map[string]bool{"230": false, "252": true} {
		e := evidenceFor(t, version, "SystemCallFilter=@system-service", sys("read"))
		e.Level = Strict
		for i, c := range proposeFilter(e) {
			reset := len(c.Settings) > 0 && c.Settings[0].Value == ""
			if reset && c.Settings[1].Name != "SystemCallFilter" {
				t.Errorf("%s: candidate %d only takes the unit's filter away: %v", version, i, c.Settings)
			}
			if i == 0 && reset != groups {
				t.Errorf("%s: the first candidate is %v", version, c.Settings)
			}
		}
	}
}

// A unit's own list loses the same dangerous calls as one that is made for a unit without.
func TestDangerousOfOwnFilter(t *testing.T) {
	const own = "SystemCallFilter=@system-service"
	for _, test := range []struct {
		name, unit string
		did        []trace.Observation
		want       bool // that unshare is taken out
	}{
		{"none of its own", "", nil, true},
		{"of its own", own, nil, true},
		{"that has it not", "SystemCallFilter=@basic-io @file-system @chown", nil, false},
		{"it was called", own, []trace.Observation{sys("unshare")}, false},
	} {
		c := proposeFilter(evidenceFor(t, "257", test.unit, test.did...))[0]
		got := slices.ContainsFunc(c.Settings, func(s trace.Setting) bool {
			return strings.HasPrefix(s.Value, "~") && slices.Contains(strings.Fields(s.Value), "unshare")
		})
		if got != test.want {
			t.Errorf("%s: %+v, want unshare taken out: %v", test.name, c.Settings, test.want)
		}
	}
}

// Who makes a process waits for it, at another time if not in the training run.
func TestWaits(t *testing.T) {
	for _, test := range []struct {
		name string
		did  trace.Observation
		want bool
	}{
		{"a process", sys("clone"), true},
		{"by another call", sys("vfork"), true},
		{"nothing of the kind", sys("read"), false},
		{"none that was had", failed(sys("clone"), enosys), false},
	} {
		e := evidenceFor(t, "257", "", test.did)
		needed, _ := e.callsNeeded()
		for _, call := range []string{"wait4", "waitid"} {
			if needed[call] != test.want {
				t.Errorf("%s: %s is needed: %v, want %v", test.name, call, needed[call], test.want)
			}
		}
	}
}
