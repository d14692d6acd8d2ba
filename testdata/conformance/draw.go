// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math/rand/v2"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// nested are the paths that combinations put mounts on: within each other, and where
// operations are done.
var nested = []string{"/var", "/var/lib", "/var/lib/probe", "/srv", "/srv/probe", "/etc", "/etc/probe", "/usr/probe", "/home", "/home/probe",
	"/tmp", "/tmp/probe", "/var/tmp", "/run/probe", "/opt", "/opt/probe", "/dev/shm", "/var/probe", "/root", "/boot"}

// onPaths are the directives that take paths, and what goes before the path.
var onPaths = []struct{ name, before, after string }{
	{"ReadWritePaths", "-", ""}, {"ReadOnlyPaths", "-", ""}, {"InaccessiblePaths", "-", ""}, {"NoExecPaths", "-", ""}, {"ExecPaths", "-", ""},
	{"TemporaryFileSystem", "", ""}, {"TemporaryFileSystem", "", ":ro"}, {"BindPaths", "-", ""}, {"BindReadOnlyPaths", "-", ""},
}

// draw returns combinations of two to five settings, every second one with nested
// mounts only; the same for the same seed.
func draw(seed uint64, n int, t systemd.Target) []testCase {
	r := rand.New(rand.NewPCG(seed, 0))
	var list []testCase
	for len(list) < n {
		c := testCase{name: "combinations"}
		for range 2 + r.IntN(4) {
			if len(list)%2 == 0 {
				c.settings = append(c.settings, drawPath(r))
				continue
			}
			v := values[r.IntN(len(values))]
			c.settings = append(c.settings, settingsOf(v.name, v.list[r.IntN(len(v.list))])...)
		}
		if accepted(c, t) {
			list = append(list, c)
		}
	}
	return list
}

func drawPath(r *rand.Rand) trace.Setting {
	if r.IntN(6) == 0 {
		return []trace.Setting{{Name: "ProtectSystem", Value: "strict"}, {Name: "ProtectSystem", Value: "full"}, {Name: "ProtectHome", Value: "yes"},
			{Name: "ProtectHome", Value: "tmpfs"}, {Name: "PrivateTmp", Value: "yes"}}[r.IntN(5)]
	}
	d := onPaths[r.IntN(len(onPaths))]
	var words []string
	for range 1 + r.IntN(3) {
		words = append(words, d.before+nested[r.IntN(len(nested))]+d.after)
	}
	return trace.Setting{Name: d.name, Value: strings.Join(words, " ")}
}
