// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/sbxprof/sbxprof/trace"
)

// trie is what was used of the directories that belong to others, by the components of
// its paths. It tells how much of them is put back: the deepest directory that holds
// what was used, but no less than what is used, changed and upgraded as one.
type trie struct {
	e    *Evidence
	root branch
	// links are directories in which a name is a link that leads elsewhere.
	links map[string]bool
	// users are those that the unit's processes are.
	users map[uint32]bool
	// own remembers what ofUnit found.
	own map[string]bool
}

// branch is a directory.
type branch struct {
	children map[string]*branch
	// whole is set when the directory's own names are used, made or listed: others may
	// be tomorrow.
	whole bool
	// wrote and ran are set when something was made or changed, or executed, there or
	// further down.
	wrote, ran bool
}

// maxBranches is how many directories of one are put back. It is less than maxPutBack,
// since these are seldom those of several applications.
const maxBranches = 4

// ofSeveral are directories in which names tell nothing of whose they are. In the others
// a name is an application's: a service that writes there does so to all of it.
var ofSeveral = []string{"/media", "/mnt", "/opt", "/srv", "/var/local", "/var/opt", "/var/www"}

// ofLibraries are what libraries read for whatever program they are in: users that are
// not in /etc/passwd (NSS), and certificates.
var ofLibraries = []string{"/var/lib/ca-certificates", "/var/lib/extrausers", "/var/lib/sss"}

// ofPrograms are the names of directories of programs and libraries in that of an
// application.
var ofPrograms = []string{"bin", "lib", "lib32", "lib64", "libexec", "sbin"}

func (e *Evidence) newTrie() *trie {
	t := &trie{e: e, links: map[string]bool{}, users: map[uint32]bool{}, own: map[string]bool{}}
	var missed []string
	for _, o := range e.Of(trace.KindFile) {
		t.users[o.Actor.UID] = true
		switch f := o.File; {
		case f.Partial || otherBase(string(f.Path)) == "" && otherBase(string(f.Given)) == "":
		case o.Outcome != trace.OutcomeOK:
			missed = append(missed, string(f.Path))
		default:
			t.add(asMeant(o))
			t.follow(f)
		}
	}
	for _, name := range missed {
		if base := otherBase(name); base != "" {
			if n, at := t.deepest(base, name); at != base {
				n.whole = true // what was looked for there may come
			}
		}
	}
	return t
}

// otherBase returns which of the directories that belong to others a path is in, or "".
func otherBase(name string) string {
	for _, dir := range belongsToOthers {
		if within(name, dir) {
			return dir
		}
	}
	return ""
}

// add notes what was done to a file.
func (t *trie) add(f *trace.File) {
	dir := string(f.Path)
	self, parent := Writes(f)
	whole := f.Op != trace.OpStat && f.Op != trace.OpChdir && f.Op != trace.OpAskExecute
	if parent || f.Folded || f.Type != trace.TypeDirectory {
		dir, whole = path.Dir(dir), true
	}
	ran := needsExecution(f) != allowed
	if ran && slices.Contains(ofPrograms, path.Base(dir)) {
		dir = path.Dir(dir) // what belongs to programs is beside them
	}
	n := t.note(dir, self || parent, ran)
	n.whole = n.whole || whole
}

// follow notes the directories that a link in the name of a file has to stay in: what it
// leads to may be another the next time. Below private it is systemd's own.
func (t *trie) follow(f *trace.File) {
	given, name := path.Clean(string(f.Given)), string(f.Path)
	base := otherBase(given)
	if f.Given == "" || given == name || base == "" || within(name, path.Join(base, "private")) {
		return
	}
	if dir := common(given, name); dir != base && within(dir, base) {
		t.note(dir, false, false).whole = true
		return
	}
	t.links[base] = true
}

// note returns the branch of a directory, with all on the way to it.
func (t *trie) note(dir string, wrote, ran bool) *branch {
	n := &t.root
	for part := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
		if n.children == nil {
			n.children = map[string]*branch{}
		}
		if n.children[part] == nil {
			n.children[part] = &branch{}
		}
		n = n.children[part]
		n.wrote, n.ran = n.wrote || wrote, n.ran || ran
	}
	return n
}

// descend goes from base towards a path, as far as something was used there, or until a
// directory of which that is asked says so.
func (t *trie) descend(base, name string, until func(*branch, string) bool) (*branch, string) {
	n, at := t.note(base, false, false), base
	for part := range strings.SplitSeq(strings.Trim(strings.TrimPrefix(name, base), "/"), "/") {
		next := n.children[part]
		if next == nil {
			break
		}
		n, at = next, path.Join(at, part)
		if until(n, at) {
			break
		}
	}
	return n, at
}

// deepest returns the directory on the way from base to a path that is the last one in
// which something was used.
func (t *trie) deepest(base, name string) (*branch, string) {
	return t.descend(base, name, func(*branch, string) bool { return false })
}

// place returns what is put back of a directory that belongs to others for the sake of
// a path in it. Passing is set when the path is one of a directory that is only on the
// way to what is put back.
func (t *trie) place(base, name string) (place string, passing bool) {
	stays := false
	_, at := t.descend(base, name, func(n *branch, at string) bool {
		stays = t.stays(n, at, base)
		return stays
	})
	if at == base {
		return inBase(base, name), false
	}
	return at, !stays
}

// stays tells whether a directory is put back as a whole.
func (t *trie) stays(n *branch, dir, base string) bool {
	return n.whole || len(n.children) == 0 || len(n.children) > maxBranches ||
		len(n.children) > 1 && (n.wrote || n.ran) || // an application: its next version has other names
		n.wrote && path.Dir(dir) == base && !slices.Contains(ofSeveral, base) ||
		slices.Contains(ofLibraries, dir) || t.varies(n) || t.ofUnit(dir)
}

// varies tells whether the names in a directory are others the next time, some of a
// series, or such as cannot be written into a unit file.
func (t *trie) varies(n *branch) bool {
	series := map[string]int{}
	for name := range n.children {
		letters := strings.TrimFunc(name, unicode.IsDigit)
		if series[letters]++; series[letters] > 1 || changing(name) || !t.e.writesDown("/"+name) {
			return true
		}
	}
	return false
}

// ofUnit tells whether a directory is the unit's, or that of a user that its processes
// are.
func (t *trie) ofUnit(dir string) bool {
	own, known := t.own[dir]
	if !known {
		owner := t.e.Scene.owners[dir]
		own = t.e.belongs(dir) || owner != nil && owner.UID != 0 && t.users[owner.UID]
		t.own[dir] = own
	}
	return own
}

// version is a name with a version in it, which an upgrade changes.
var version = regexp.MustCompile(`[0-9]\.[0-9]`)

// changing tells names that are another the next time: a mount on one would be of what
// is gone.
func changing(name string) bool { return temporary(name) || version.MatchString(name) }

// inBase returns what of a hidden directory a path belongs to: one name in it.
func inBase(dir, name string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
	first, _, _ := strings.Cut(rest, "/")
	return path.Join(dir, first)
}
