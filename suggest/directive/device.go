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

// DeviceRule closes all devices but those allowed: the cgroup's device policy, which
// answers open(2), mknod(2) and access(2) (src/core/bpf-devices.c; the kernel asks it
// after the file's permissions and before the driver).
type DeviceRule struct {
	allow []allowedDevice
}

// allowedDevice is an entry of DeviceAllow=.
type allowedDevice struct {
	// path is the node that was named; "" for a number.
	path string
	// kind is the type of the nodes; "" for both.
	kind trace.FileType
	// dev is MAJOR:MINOR, MAJOR:* or *; "" if only the path or the name is known.
	dev string
	// name is how the nodes of a driver begin whose number is not known.
	name string
	// access are the letters r, w and m.
	access string
}

// standardDevices are allowed by DevicePolicy=closed and auto.
var standardDevices = []allowedDevice{
	{kind: trace.TypeCharDev, dev: "1:3", access: "rwm"}, {kind: trace.TypeCharDev, dev: "1:5", access: "rwm"},
	{kind: trace.TypeCharDev, dev: "1:7", access: "rwm"}, {kind: trace.TypeCharDev, dev: "1:8", access: "rwm"},
	{kind: trace.TypeCharDev, dev: "1:9", access: "rwm"}, {kind: trace.TypeCharDev, dev: "5:0", access: "rwm"},
	{kind: trace.TypeCharDev, dev: "5:2", access: "rwm"}, {kind: trace.TypeCharDev, dev: "136:*", access: "rw"},
}

// nodeNumbers are the devices that a path in DeviceAllow= stands for, wherever their
// nodes are (Documentation/admin-guide/devices.txt).
var nodeNumbers = map[string]string{
	"/dev/null": "1:3", "/dev/zero": "1:5", "/dev/full": "1:7", "/dev/random": "1:8", "/dev/urandom": "1:9", "/dev/kmsg": "1:11",
	"/dev/mem": "1:1", "/dev/tty": "5:0", "/dev/console": "5:1", "/dev/ptmx": "5:2", "/dev/net/tun": "10:200", "/dev/fuse": "10:229",
	"/dev/kvm": "10:232", "/dev/loop-control": "10:237",
}

// driverMajors are the fixed numbers of the names in /proc/devices.
var driverMajors = map[string]string{
	"mem": "1", "pty": "2", "ttyp": "3", "/dev/vc/0": "4", "tty": "4", "ttyS": "4", "/dev/tty": "5", "/dev/console": "5", "/dev/ptmx": "5",
	"lp": "6", "vcs": "7", "misc": "10", "input": "13", "sg": "21", "fb": "29", "i2c": "89", "alsa": "116", "ptm": "128", "pts": "136",
	"usb_device": "189", "cpu/msr": "202", "cpu/cpuid": "203", "drm": "226",
	"ramdisk": "1", "loop": "7", "sd": "8", "md": "9", "sr": "11", "virtblk": "254",
}

// Kind implements Rule.
func (r *DeviceRule) Kind() trace.Kind { return trace.KindFile }

func (r *DeviceRule) ops() []trace.FileOp {
	return []trace.FileOp{trace.OpRead, trace.OpWrite, trace.OpMknod, trace.OpCreate, trace.OpAskRead, trace.OpAskWrite}
}

// Denies implements Rule.
func (r *DeviceRule) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	if f.Type != trace.TypeCharDev && f.Type != trace.TypeBlockDev || !slices.Contains(r.ops(), f.Op) {
		return allowed
	}
	if !reachesDriver(o.Outcome) {
		return allowed
	}
	want := map[trace.FileOp]string{trace.OpRead: "r", trace.OpWrite: "w", trace.OpMknod: "m", trace.OpCreate: "m",
		trace.OpAskRead: "r", trace.OpAskWrite: "w"}[f.Op]
	for i := range r.allow {
		if r.allow[i].matches(f) && strings.Contains(r.allow[i].access, want) {
			return allowed
		}
	}
	return eperm
}

// reachesDriver tells whether opening a node got as far as the driver, or to what the
// kernel asks right before it.
func reachesDriver(o trace.Outcome) bool {
	return !slices.Contains([]trace.Outcome{eperm, eacces, erofs, enoent, "EEXIST", "ENOTDIR", "ELOOP"}, o)
}

func (a *allowedDevice) matches(f *trace.File) bool {
	if a.kind != "" && a.kind != f.Type {
		return false
	}
	major, _, _ := strings.Cut(f.Dev, ":")
	switch {
	case a.dev != "" && f.Dev != "":
		return a.dev == "*" || a.dev == f.Dev || a.dev == major+":*"
	case a.name != "":
		return strings.HasPrefix(path.Base(string(f.Path)), a.name)
	}
	return a.path == string(f.Path)
}

// deviceAllowed reads one line of DeviceAllow=.
func deviceAllowed(value string, u *Unit) (allowedDevice, bool) {
	words, err := systemd.Words(value, systemd.ClassDevice, u.Systemd)
	if err != nil || len(words) == 0 {
		return allowedDevice{}, false
	}
	a := allowedDevice{path: words[0].Text, access: "rwm"}
	if access := strings.TrimSpace(strings.Join(words[0].Fields, "")); access != "" {
		a.access = access
	}
	driver, isChar := strings.CutPrefix(a.path, "char-")
	block, isBlock := strings.CutPrefix(a.path, "block-")
	switch {
	case isBlock:
		a.kind, driver = trace.TypeBlockDev, block
	case isChar:
		a.kind = trace.TypeCharDev
	default:
		a.dev = nodeNumbers[a.path]
		return a, true
	}
	switch major := driverMajors[driver]; {
	case driver == "*":
		a.dev = "*"
	case major != "":
		a.dev = major + ":*"
	default:
		a.name = driver
	}
	return a, true
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
				{Name: "DevicePolicy", Denies: "devices other than the standard and named ones", Read: readDevicePolicy,
					DeniesBy: map[string]string{"strict": "devices that are not named"}},
				{Name: "DeviceAllow", Denies: "other devices", Read: readDeviceAllow},
			},
			Propose: proposeDevices,
		},
	}
}

func privateDeviceRules(t *Unit) []Rule {
	rules := []Rule{
		mountRule{Mount{Path: "/dev", Mode: Private, Sealed: true, Keep: privateDevices}},
		&DeviceRule{allow: append(devicesAllowed(t), standardDevices...)},
	}
	rules = append(rules, drop("CAP_MKNOD")...)
	for _, p := range []string{"/dev/shm", "/dev/mqueue", "/dev/hugepages", "/dev/pts"} {
		rules = append(rules, mountRule{Mount{Path: p, Mode: Implicit}})
	}
	if t.Systemd.AtLeast(232) {
		rules = append(append(rules, group("@raw-io", t)), drop("CAP_SYS_RAWIO")...)
	}
	return rules
}

// readDevicePolicy: any DeviceAllow= closes the devices that it does not name, even
// when the policy is auto; the standard ones stay open then, as with closed.
func readDevicePolicy(values []string, u *Unit) []Rule {
	r := &DeviceRule{allow: devicesAllowed(u)}
	switch policy := last(values); {
	case policy == "strict":
		return append([]Rule{r}, r.standardInput(u)...)
	case policy == "closed" || len(r.allow) > 0:
		r.allow = append(r.allow, standardDevices...)
	default:
		return nil
	}
	return []Rule{r}
}

// devicesAllowed are those that the unit names, and what another directive adds to them.
func devicesAllowed(u *Unit) []allowedDevice {
	var list []allowedDevice
	for _, v := range sinceReset(u.Values("DeviceAllow")) {
		if a, ok := deviceAllowed(v, u); ok {
			list = append(list, a)
		}
	}
	return append(list, allowedClock(u)...)
}

// closesDevices tells whether the unit has a policy that closes devices.
func closesDevices(u *Unit) bool {
	policy := last(u.Values("DevicePolicy"))
	return policy != "" && policy != "auto" || len(sinceReset(u.Values("DeviceAllow"))) > 0 || isTrue(last(u.Values("PrivateDevices")))
}

// standardInput: systemd opens /dev/null for the unit's standard input under the policy, and
// gives up if it cannot (status 208, as seen on 257).
func (r *DeviceRule) standardInput(u *Unit) []Rule {
	null := &trace.Observation{Outcome: trace.OutcomeOK, File: &trace.File{Op: trace.OpRead, Path: "/dev/null", Type: trace.TypeCharDev, Dev: "1:3"}}
	if input := last(u.Values("StandardInput")); input != "" && input != "null" || r.Denies(null) == allowed {
		return nil
	}
	return []Rule{unstartable{eperm}}
}

// readDeviceAllow stands in for a DevicePolicy= that is not set.
func readDeviceAllow(_ []string, u *Unit) []Rule {
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
	closed := DeviceRule{allow: standardDevices}
	for _, o := range e.ops(closed.ops()) {
		if closed.Denies(o) == allowed || InPassing(o) != "" {
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
	want := map[trace.FileOp]string{trace.OpRead: "r", trace.OpWrite: "rw", trace.OpCreate: "rw", trace.OpMknod: "rwm",
		trace.OpAskRead: "r", trace.OpAskWrite: "rw"}[op]
	if len(want) > len(have) {
		return want
	}
	return have
}
