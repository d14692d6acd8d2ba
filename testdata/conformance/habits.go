// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

// prefixes are what may go before a command in a unit.
var prefixes = []string{"", "", "", "-", "+", "!", "-+"}

// drop has root's process become the user's for good.
var drop = fmt.Sprintf("setpriv --reuid=%d --regid=%[1]d --clear-groups", probes.UserID)

// way is another way to do something than to just do it.
type way struct {
	command string
	// becomes is set where the user does it; root, where only root can do so.
	becomes, root bool
}

var ways = []way{
	{drop, true, true},
	{drop, true, true},
	{fmt.Sprintf("setpriv --reuid=%d --regid=%[1]d --init-groups --inh-caps=-all", probes.UserID), true, true},
	{fmt.Sprintf("setpriv --reuid=%d --regid=%[1]d --clear-groups --bounding-set=-all --inh-caps=-all", probes.UserID), true, true},
	{fmt.Sprintf("setpriv --reuid=%d --regid=%[1]d --keep-groups --no-new-privs", probes.UserID), true, true},
	{fmt.Sprintf("setpriv --reuid=%d --regid=%[1]d --clear-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service", probes.UserID), true, true},
	{fmt.Sprintf("chroot --userspec=%d:%[1]d --groups= /", probes.UserID), true, true},
	{"runuser -u " + probes.User + " --", true, true},
	{"setpriv --no-new-privs", false, false},
	{"setpriv --bounding-set=-sys_admin,-sys_module", false, true},
	{"nice -n -5", false, true},
	{"nice -n 5", false, false},
	{"ionice -c 2 -n 0", false, false},
	{"ionice -c 1", false, true},
	{"chrt --fifo 1", false, true},
	{"chrt --batch 0", false, false},
	{"prlimit --nofile=64", false, false},
	{"prlimit --nofile=2000000:2000000", false, true},
	{"taskset 1", false, false},
	{"setarch --addr-no-randomize", false, false},
	{"timeout 60", false, false},
	{"setsid --wait", false, false},
	{"flock " + probes.Area, false, false},
	{"chroot /", false, true},
	{"unshare --mount", false, true},
	{"unshare --uts --ipc", false, true},
	{"unshare --user --map-root-user", false, false},
	{"unshare --pid --fork --mount-proc", false, true},
}

// drawWay draws one for a service that has a user, or becomes one.
func drawWay(r *rand.Rand, user, drops bool) way {
	var fit []way
	for _, w := range ways {
		if w.becomes == drops && !(w.root && user) {
			fit = append(fit, w)
		}
	}
	return fit[r.IntN(len(fit))]
}

// ordinary are settings of units that are no sandbox, and of which systemd has something
// to do for the service.
var ordinary = []trace.Setting{
	{Name: "LogsDirectory", Value: "probe-logs"}, {Name: "CacheDirectory", Value: "probe-cache"}, {Name: "ConfigurationDirectory", Value: "probe-etc"},
	{Name: "RuntimeDirectory", Value: "probe-runtime"}, {Name: "RuntimeDirectoryPreserve", Value: "yes"},
	{Name: "UMask", Value: "0077"}, {Name: "Nice", Value: "-5"}, {Name: "Nice", Value: "5"}, {Name: "CPUSchedulingPolicy", Value: "rr"},
	{Name: "CPUSchedulingPolicy", Value: "batch"}, {Name: "IOSchedulingClass", Value: "realtime"}, {Name: "IOSchedulingClass", Value: "idle"},
	{Name: "OOMScoreAdjust", Value: "-500"}, {Name: "LimitNOFILE", Value: "4096"}, {Name: "LimitMEMLOCK", Value: "infinity"}, {Name: "LimitCORE", Value: "infinity"},
	{Name: "LimitRTPRIO", Value: "10"}, {Name: "KillMode", Value: "mixed"}, {Name: "SendSIGHUP", Value: "yes"}, {Name: "WorkingDirectory", Value: probes.Area},
	{Name: "WorkingDirectory", Value: "~"}, {Name: "Group", Value: probes.User}, {Name: "SupplementaryGroups", Value: "adm"},
	{Name: "PermissionsStartOnly", Value: "yes"}, {Name: "Delegate", Value: "yes"}, {Name: "UtmpIdentifier", Value: "probe"}, {Name: "CPUAffinity", Value: "0"},
	{Name: "TimerSlackNSec", Value: "1ms"}, {Name: "CoredumpFilter", Value: "all"}, {Name: "StandardInput", Value: "file:/etc/passwd"},
	{Name: "SetCredential", Value: "probe:x"}, {Name: "LoadCredential", Value: "probe:/etc/passwd"}, {Name: "EnvironmentFile", Value: "-/etc/default/probe"},
	{Name: "Slice", Value: "probe.slice"}, {Name: "OOMPolicy", Value: "continue"},
}
