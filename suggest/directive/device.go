// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// DeviceRule closes all devices but the standard ones and those allowed: the
// cgroup's device policy, which answers open(2) and mknod(2).
type DeviceRule struct {
	// Allow are what DeviceAllow= names: paths of nodes, or "char-NAME" and
	// "block-NAME" of /proc/devices.
	Allow []string
	// Strict leaves out the standard devices as well (DevicePolicy=strict).
	Strict bool
}

// standardDevices are allowed by DevicePolicy=closed and auto: null, zero, full,
// random, urandom, tty, ptmx and all of pts (src/core/cgroup.c).
var standardDevices = []string{"1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:2"}

// Kind implements Rule.
func (r *DeviceRule) Kind() trace.Kind { return trace.KindFile }

func (r *DeviceRule) ops() []trace.FileOp {
	return []trace.FileOp{trace.OpRead, trace.OpWrite, trace.OpMknod, trace.OpCreate}
}

// Denies implements Rule.
func (r *DeviceRule) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	if f.Type != trace.TypeCharDev && f.Type != trace.TypeBlockDev || !slices.Contains(r.ops(), f.Op) || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	if !r.Strict && (slices.Contains(standardDevices, f.Dev) || strings.HasPrefix(f.Dev, "136:")) {
		return allowed
	}
	if slices.Contains(r.Allow, string(f.Path)) {
		return allowed
	}
	return eperm
}

// privateDevices are the names in the /dev that PrivateDevices= makes
// (mount_private_dev() in src/core/namespace.c).
var privateDevices = []string{"null", "zero", "full", "random", "urandom", "tty", "pts", "ptmx", "shm", "mqueue",
	"hugepages", "log", "fd", "stdin", "stdout", "stderr", "core", "console"}

func deviceFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "PrivateDevices", Values: yes,
			Denies: "physical devices", Read: flag(privateDeviceRules),
		}),
		{
			Name: "devices",
			Directives: []Directive{
				{Name: "DevicePolicy", Denies: "devices", Read: readDevicePolicy},
				{Name: "DeviceAllow", Denies: "other devices", Read: readDeviceAllow},
			},
			Propose: proposeDevices,
		},
	}
}

func privateDeviceRules(t *Unit) []Rule {
	rules := []Rule{
		mountRule{Mount{Path: "/dev", Mode: Emptied, Sealed: true, Keep: privateDevices}},
		&DeviceRule{},
		&CapRule{Cap: "CAP_MKNOD"},
	}
	for _, p := range []string{"/dev/shm", "/dev/mqueue", "/dev/hugepages", "/dev/pts"} {
		rules = append(rules, mountRule{Mount{Path: p, Mode: ReadWrite}})
	}
	if t.Systemd.AtLeast(232) {
		rules = append(rules, group("@raw-io", t), &CapRule{Cap: "CAP_SYS_RAWIO"})
	}
	return rules
}

// readDevicePolicy: any DeviceAllow= closes the devices that it does not name, even
// when the policy is auto.
func readDevicePolicy(values []string, u *Unit) []Rule {
	r := &DeviceRule{Strict: last(values) == "strict"}
	for _, v := range sinceReset(u.Values("DeviceAllow")) {
		if words, err := systemd.Words(v, systemd.ClassDevice, u.Systemd); err == nil && len(words) > 0 {
			r.Allow = append(r.Allow, words[0].Text)
		}
	}
	if p := last(values); p != "closed" && p != "strict" && len(r.Allow) == 0 {
		return nil
	}
	return []Rule{r}
}

// readDeviceAllow stands in for a DevicePolicy= that is not set.
func readDeviceAllow(values []string, u *Unit) []Rule {
	if len(u.Values("DevicePolicy")) > 0 {
		return nil
	}
	return readDevicePolicy(nil, u)
}

// proposeDevices names the devices that were opened, for units that PrivateDevices=
// would take them from.
func proposeDevices(e *Evidence) []Candidate {
	if e.chosen("PrivateDevices") || isTrue(e.Unit("PrivateDevices")) || e.Unit("DevicePolicy") != "" || len(e.unitList("DeviceAllow")) > 0 {
		return nil
	}
	access := map[string]string{}
	var order []string
	c := Candidate{Settings: []trace.Setting{{Name: "DevicePolicy", Value: "closed"}}, Reasons: map[int][]*trace.Observation{}}
	closed := DeviceRule{}
	for _, o := range e.Of(trace.KindFile) {
		if closed.Denies(o) == allowed {
			continue
		}
		p := string(o.File.Path)
		if !strings.HasPrefix(p, "/dev/") || path.Clean(p) != p {
			return nil
		}
		if access[p] == "" {
			order = append(order, p)
		}
		access[p] = mergeAccess(access[p], o.File.Op)
		c.Reasons[0] = append(c.Reasons[0], o)
	}
	for _, p := range order {
		text, err := systemd.Quote(systemd.ClassDevice, e.Target.Systemd, p)
		if err != nil {
			return nil
		}
		c.Settings = append(c.Settings, trace.Setting{Name: "DeviceAllow", Value: fmt.Sprintf("%s %s", text, access[p])})
	}
	return []Candidate{c}
}

func mergeAccess(have string, op trace.FileOp) string {
	want := map[trace.FileOp]string{trace.OpRead: "r", trace.OpWrite: "rw", trace.OpCreate: "rw", trace.OpMknod: "rwm"}[op]
	if len(want) > len(have) {
		return want
	}
	return have
}
