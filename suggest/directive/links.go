// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// links are symbolic links, and where they lead: systemd follows those in a unit's paths,
// and a trace has files by where they are.
type links map[string]string

// standing are links that every system has, and ofMergedUsr those of a system that has all
// programs in /usr.
var (
	standing    = links{"/var/run": "/run", "/var/lock": "/run/lock"}
	ofMergedUsr = links{"/bin": "/usr/bin", "/lib": "/usr/lib", "/lib32": "/usr/lib32", "/lib64": "/usr/lib64",
		"/libx32": "/usr/libx32", "/sbin": "/usr/sbin"}
)

// learn notes what the name by which a file was asked for may tell: if /srv/data/x is
// /mnt/data/x, then /srv/data is a link, or /srv.
func (l links) learn(given, name string) {
	for !slices.Contains(always, given) && !slices.Contains(ofSystem, given) && !within(given, "/proc") && within(given, "/") && given != name && name != "/" {
		if _, known := l[given]; !known {
			l[given] = name
		}
		if path.Base(given) != path.Base(name) {
			return
		}
		given, name = path.Dir(given), path.Dir(name)
	}
}

// linksIn are the links that observations tell of. Whatever a file was found in is none.
func linksIn(observations []trace.Observation) links {
	l := links{}
	for i := range observations {
		f := observations[i].File
		if f == nil || f.Chroot || f.Partial || f.Folded {
			continue
		}
		if f.Given != "" {
			l.learn(path.Clean(string(f.Given)), string(f.Path))
		}
		if f.InterpreterGiven != "" {
			l.learn(path.Clean(string(f.InterpreterGiven)), string(f.Interpreter))
		}
	}
	for i := range observations {
		f := observations[i].File
		if len(l) == 0 || f == nil || f.Chroot || observations[i].Outcome != trace.OutcomeOK {
			continue
		}
		up := string(f.Path)
		if f.Type == trace.TypeSymlink {
			up = path.Dir(up)
		}
		for ; len(up) > 1; up = path.Dir(up) {
			delete(l, up)
		}
	}
	return l
}

// and returns the links with more.
func (l links) and(more links) links {
	all := maps.Clone(l)
	maps.Copy(all, more)
	return all
}

// follow returns where a path leads: the deepest link on the way is followed, once.
func (l links) follow(name string) string {
	for up := name; len(up) > 1; up = path.Dir(up) {
		if to, ok := l[up]; ok {
			return path.Join(to, strings.TrimPrefix(name, up))
		}
	}
	return name
}

// resolve returns where a path of a unit leads, as far as the trace tells.
func (s *Scene) resolve(name string) string {
	name = standing.follow(name)
	if s == nil {
		return name
	}
	if s.mergedUsr {
		name = ofMergedUsr.follow(name)
	}
	return s.links.follow(name)
}
