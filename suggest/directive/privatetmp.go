// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func privateTmpFamily() Family {
	return Family{
		Name: "PrivateTmp",
		Directives: []Directive{{
			Name: "PrivateTmp", Denies: "the files of others in /tmp and /var/tmp", Read: readPrivateTmp,
			Values: []Value{{"disconnected", Standard}, {"yes", Safe}},
		}},
		Propose: proposePrivateTmp,
	}
}

// readPrivateTmp: the directories of yes are those of all commands of the unit, while
// with disconnected they are made with the mount namespace of each (append_private_tmp()
// in src/core/namespace.c, v257 to v262).
func readPrivateTmp(values []string, t *Unit) []Rule {
	v := last(values)
	if !isTrue(v) && (v != "connected" && v != "disconnected" || !t.Systemd.AtLeast(257)) {
		return nil
	}
	var rules []Rule
	for _, dir := range temporaryDirectories {
		rules = append(rules, mountRule{Mount{Path: dir, Mode: Private, KeepsOwn: true, Open: true, Apart: v == "disconnected"}})
	}
	return rules
}

var temporaryDirectories = []string{"/tmp", "/var/tmp"}

// disconnectedNote says what disconnected costs: one file system in memory for both
// directories, with the options size=10% and nr_inodes=400k.
const disconnectedNote = "keeps what the unit makes there in memory, of which it may take a tenth with 400000 files, and for each of its commands apart"

// proposePrivateTmp has disconnected only for services that made nothing there, but for
// the strict: it takes memory, and there is less of it than of the disk.
func proposePrivateTmp(e *Evidence) []Candidate {
	d := e.Model.Directive("PrivateTmp")
	var list []Candidate
	for _, v := range d.Values {
		disconnected := v.Value == "disconnected"
		if v.From > e.Level || e.settled(d, v.Value) || !e.Target.Enforces(d.Name, v.Value) || disconnected && e.Level < Strict && e.makesTemporary() {
			continue
		}
		c := Candidate{Settings: []trace.Setting{{Name: d.Name, Value: v.Value}}}
		if disconnected {
			c.Notes = []string{disconnectedNote}
		}
		list = append(list, c)
	}
	return list
}

// makesTemporary tells whether anything was made in the directories for temporary files.
func (e *Evidence) makesTemporary() bool {
	return slices.ContainsFunc(e.Of(trace.KindFile), func(o *trace.Observation) bool {
		return makes[o.File.Op] && slices.ContainsFunc(temporaryDirectories, func(dir string) bool {
			return strings.HasPrefix(string(o.File.Path), dir+"/")
		})
	})
}
