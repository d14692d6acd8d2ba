// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

const pinger = "/usr/lib/squid/pinger"

// executes is an execution of a program by a user; nil is that it is not known what its
// file carries.
func executes(uid uint32, carries *trace.FileCapabilities) trace.Observation {
	o := by(pinger, as(uid, file(trace.OpExecute, pinger)))
	o.File.FileCaps, o.File.Carries = true, carries
	return o
}

// by makes a program the actor.
func by(exe trace.Path, o trace.Observation) trace.Observation {
	o.Actor.Exe = exe
	return o
}

func carrying(names ...string) *trace.FileCapabilities {
	return &trace.FileCapabilities{Permitted: names, Effective: true}
}

// TestFileCapabilities: what is denied to a program whose file carries capabilities. The
// first observation is what is asked about, the others are what else was seen.
func TestFileCapabilities(t *testing.T) {
	raw, once := carrying("CAP_NET_RAW"), &trace.FileCapabilities{Permitted: []string{"CAP_NET_RAW"}}
	foreign := &trace.FileCapabilities{Permitted: []string{"CAP_NET_RAW"}, Effective: true, RootID: 1000}
	inherited := &trace.FileCapabilities{Inheritable: []string{"CAP_NET_RAW"}}
	used := by(pinger, as(13, capability("CAP_NET_RAW", "socket")))
	other := by(pinger, as(13, capability("CAP_CHOWN", "chown")))
	asRoot := by(pinger, capability("CAP_NET_RAW", "socket"))
	elsewhere := by("/usr/sbin/squid", as(13, capability("CAP_NET_RAW", "socket")))
	gone := trace.Outcome("")
	for _, c := range []struct {
		name, unit string
		all        []trace.Observation
		want       trace.Outcome
	}{
		{"out of the set", "CapabilityBoundingSet=~CAP_NET_RAW", []trace.Observation{executes(13, raw)}, eperm},
		{"for root too", "CapabilityBoundingSet=CAP_CHOWN", []trace.Observation{executes(0, raw)}, eperm},
		{"whatever gives nothing more", "CapabilityBoundingSet=CAP_CHOWN\nNoNewPrivileges=yes", []trace.Observation{executes(13, raw)}, eperm},
		{"one of two", "CapabilityBoundingSet=CAP_NET_RAW", []trace.Observation{executes(0, carrying("CAP_NET_RAW", "CAP_NET_ADMIN"))}, eperm},
		{"in the set", "CapabilityBoundingSet=CAP_NET_RAW", []trace.Observation{executes(13, raw)}, gone},
		{"not in force at once", "CapabilityBoundingSet=~CAP_NET_RAW", []trace.Observation{executes(13, once)}, gone},
		{"not for this root", "CapabilityBoundingSet=~CAP_NET_RAW", []trace.Observation{executes(13, foreign)}, gone},
		{"not known", "CapabilityBoundingSet=~CAP_NET_RAW", []trace.Observation{executes(13, nil)}, gone},
		{"it failed before", "CapabilityBoundingSet=~CAP_NET_RAW", []trace.Observation{failed(executes(13, raw), enoent)}, gone},
		{"looked at only", "CapabilityBoundingSet=~CAP_NET_RAW", []trace.Observation{func() trace.Observation {
			o := executes(13, raw)
			o.File.Op = trace.OpStat
			return o
		}()}, gone},
		{"devices", "PrivateDevices=yes", []trace.Observation{executes(0, carrying("CAP_MKNOD"))}, eperm},
		{"raw devices", "PrivateDevices=yes", []trace.Observation{executes(0, carrying("CAP_SYS_RAWIO"))}, eperm},
		{"modules", "ProtectKernelModules=yes", []trace.Observation{executes(0, carrying("CAP_SYS_MODULE"))}, eperm},
		{"the log", "ProtectKernelLogs=yes", []trace.Observation{executes(0, carrying("CAP_SYSLOG"))}, eperm},
		{"the clock", "ProtectClock=yes", []trace.Observation{executes(0, carrying("CAP_WAKE_ALARM"))}, eperm},
		{"another one", "ProtectClock=yes", []trace.Observation{executes(0, raw)}, gone},
		{"a user has a whole set", "User=daemon", []trace.Observation{executes(0, raw)}, gone},
		{"and so has root without his capabilities", "SecureBits=noroot", []trace.Observation{executes(0, raw)}, gone},
		{"used by a user, in a user namespace", "User=daemon\nPrivateUsers=yes", []trace.Observation{used, executes(13, raw)}, eperm},
		{"and in a user namespace", "PrivateUsers=yes", []trace.Observation{executes(0, raw)}, gone},

		{"no new privileges", "NoNewPrivileges=yes", []trace.Observation{executes(13, raw), used}, Unprivileged},
		{"and not those that it makes effective", "NoNewPrivileges=yes", []trace.Observation{executes(13, once), used}, Unprivileged},
		{"it never used them", "NoNewPrivileges=yes", []trace.Observation{executes(13, raw)}, gone},
		{"nor did it for this", "NoNewPrivileges=yes", []trace.Observation{executes(13, raw), other}, gone},
		{"and was refused it", "NoNewPrivileges=yes", []trace.Observation{executes(13, raw), failed(used, eperm)}, gone},
		{"another program did", "NoNewPrivileges=yes", []trace.Observation{executes(13, raw), elsewhere}, gone},
		{"root did, who has it", "NoNewPrivileges=yes", []trace.Observation{executes(13, raw), asRoot}, gone},
		{"root executes it", "NoNewPrivileges=yes", []trace.Observation{executes(0, raw), asRoot}, gone},
		{"who is to be a user", "NoNewPrivileges=yes\nUser=daemon", []trace.Observation{executes(0, raw), asRoot}, Unprivileged},
		{"or has nothing as root", "NoNewPrivileges=yes\nSecureBits=noroot", []trace.Observation{executes(0, raw), asRoot}, Unprivileged},
		{"and never used them", "NoNewPrivileges=yes\nUser=daemon", []trace.Observation{executes(0, raw)}, gone},
		{"perhaps it used them", "NoNewPrivileges=yes", []trace.Observation{executes(13, nil)}, Unprivileged},
		{"in a namespace", "NoNewPrivileges=yes", []trace.Observation{executes(13, foreign)}, Unprivileged},
		{"it had it before", "NoNewPrivileges=yes\nUser=daemon\nAmbientCapabilities=CAP_NET_RAW", []trace.Observation{executes(13, raw), used}, gone},
		{"it had another", "NoNewPrivileges=yes\nUser=daemon\nAmbientCapabilities=CAP_CHOWN", []trace.Observation{executes(13, raw), used}, Unprivileged},
		{"mounted nosuid", "CapabilityBoundingSet=~CAP_NET_RAW\nNoNewPrivileges=yes\nProtectSystem=full", []trace.Observation{executes(13, raw)}, gone},
		{"and root has his own", "CapabilityBoundingSet=~CAP_NET_RAW\nNoNewPrivileges=yes\nProtectSystem=strict", []trace.Observation{executes(0, raw)}, gone},
		{"and it used them", "CapabilityBoundingSet=~CAP_NET_RAW\nNoNewPrivileges=yes\nProtectSystem=full", []trace.Observation{executes(13, raw), used}, Unprivileged},
		{"whatever it was to have", "User=daemon\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=~CAP_NET_RAW\nNoNewPrivileges=yes\nProtectSystem=full", []trace.Observation{executes(13, raw), used}, Unprivileged},
		{"another mount", "CapabilityBoundingSet=~CAP_NET_RAW\nNoNewPrivileges=yes\nProtectHome=yes", []trace.Observation{executes(13, raw)}, eperm},
		{"mounted as ever", "CapabilityBoundingSet=~CAP_NET_RAW\nProtectSystem=full", []trace.Observation{executes(13, raw)}, eperm},
		{"implied only", "CapabilityBoundingSet=~CAP_NET_RAW\nUser=daemon\nLockPersonality=yes\nProtectSystem=full", []trace.Observation{executes(13, raw)}, eperm},
		{"inherited alone", "NoNewPrivileges=yes", []trace.Observation{executes(13, inherited), used}, gone},

		{"the file gives it to a user", "User=daemon", []trace.Observation{used, executes(13, raw)}, gone},
		{"whatever root loses", "SecureBits=noroot", []trace.Observation{asRoot, executes(0, raw)}, gone},
		{"but not another one", "User=daemon", []trace.Observation{other, executes(13, raw)}, eperm},
		{"nor another's", "User=daemon", []trace.Observation{elsewhere, executes(13, raw)}, eperm},
		{"nor out of the set", "User=daemon\nCapabilityBoundingSet=~CAP_NET_RAW", []trace.Observation{used, executes(13, once)}, eperm},
		{"nor for another root", "User=daemon", []trace.Observation{used, executes(13, foreign)}, eperm},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewModel().Sandbox(settings(c.unit), target(t, "252"), NewScene(c.all))
			var got trace.Outcome
			for _, v := range s.Violations(&c.all[0]) {
				if v.Tolerated == "" && got == "" {
					got = v.Outcome
				}
			}
			if got != c.want {
				t.Errorf("%s: outcome %q, want %q", c.unit, got, c.want)
			}
		})
	}
}

// TestMountedNosuid: where systemd mounts nosuid, nobody looks at what a file carries, and
// it is executed whatever is out of the bounding set.
func TestMountedNosuid(t *testing.T) {
	const unit = "CapabilityBoundingSet=~CAP_NET_RAW\nNoNewPrivileges=yes\nProtectSystem=full"
	o := executes(13, carrying("CAP_NET_RAW"))
	for _, c := range []struct {
		name, systemd, unit string
		host                trace.Host
		denied              bool
	}{
		{"since v249", "249", unit, trace.Host{}, false},
		{"not before", "248", unit, trace.Host{}, true},
		{"not with SELinux", "252", unit, trace.Host{SELinux: true}, true},
		{"by a user that is made up", "252", "CapabilityBoundingSet=~CAP_NET_RAW\nDynamicUser=yes\nProtectSystem=full", trace.Host{}, false},
	} {
		s := NewModel().Sandbox(settings(c.unit), target(t, c.systemd), NewScene([]trace.Observation{o}).On(c.host))
		refused := func(v Violation) bool { return v.Tolerated == "" && v.Outcome == eperm }
		if got := slices.ContainsFunc(s.Violations(&o), refused); got != c.denied {
			t.Errorf("%s: refused: %v", c.name, got)
		}
	}
}

// TestExecutesCapabilities: what a file carries, in force at once, must all be in the
// bounding set; nothing is bounded where it is not known.
func TestExecutesCapabilities(t *testing.T) {
	for _, c := range []struct {
		name    string
		o       trace.Observation
		propose bool
		keep    []string
	}{
		{"none", file(trace.OpExecute, "/usr/bin/true"), true, nil},
		{"not known", executes(13, nil), false, nil},
		{"in force at once", executes(0, carrying("CAP_NET_RAW", "CAP_SYS_TIME")), true, []string{"CAP_NET_RAW", "CAP_SYS_TIME"}},
		{"not used", executes(0, &trace.FileCapabilities{Permitted: []string{"CAP_NET_RAW"}}), true, nil},
		{"failed", failed(executes(0, carrying("CAP_NET_RAW")), eacces), true, nil},
	} {
		for _, level := range []Level{Safe, Standard, Strict} {
			e := NewEvidence(&trace.Trace{Observations: []trace.Observation{c.o}}, target(t, "252"), level, NewModel())
			list := proposeCapabilities(e)
			if got := len(list) > 0; got != c.propose {
				t.Errorf("%s, level %d: a bounding set proposed: %v", c.name, level, got)
			}
			for _, candidate := range list {
				set := boundingSet(assignments(candidate.Settings, "CapabilityBoundingSet"))
				kept := slices.DeleteFunc(slices.Clone(c.keep), func(name string) bool { return set[name] })
				if len(kept) > 0 || level != Safe && len(set) != len(c.keep) || len(e.Violations(candidate.Settings, 1)) > 0 {
					t.Errorf("%s, level %d: %v", c.name, level, candidate.Settings)
				}
			}
		}
	}
}

// TestCapabilitiesThatNobodyUsed: what is set although a file carries capabilities says so.
func TestCapabilitiesThatNobodyUsed(t *testing.T) {
	unused := executes(13, carrying("CAP_NET_RAW"))
	used := by(pinger, as(13, capability("CAP_NET_RAW", "socket")))
	for _, c := range []struct {
		all          []trace.Observation
		takes, notes bool
	}{
		{[]trace.Observation{unused}, true, true},
		{[]trace.Observation{unused, used}, false, false},
		{[]trace.Observation{executes(0, carrying("CAP_NET_RAW"))}, true, false},
	} {
		e := NewEvidence(&trace.Trace{Observations: c.all}, target(t, "252"), Standard, NewModel())
		f := noNewPrivilegesFamily()
		candidate := f.Candidates(e)[0]
		notes := strings.Join(candidate.Notes, "; ")
		if takes := len(e.Violations(candidate.Settings, 1)) == 0; takes != c.takes || strings.Contains(notes, "never used what its file carries, CAP_NET_RAW") != c.notes {
			t.Errorf("%d observations: set %v, %q", len(c.all), takes, notes)
		}
	}
}
