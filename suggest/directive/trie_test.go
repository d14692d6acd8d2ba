// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

// asGiven is an operation on a file that was found by another name.
func asGiven(given string, o trace.Observation) trace.Observation {
	o.File.Given = trace.Path(given)
	return o
}

// inDirectoryOf is an operation on a file in a directory of somebody's.
func inDirectoryOf(owner trace.Owner, o trace.Observation) trace.Observation {
	o.File.Parent = &owner
	return o
}

func renamed(from, to string) trace.Observation {
	o := file(trace.OpRenameTo, to)
	o.File.Peer = trace.Path(from)
	return o
}

// each are operations in n directories of one.
func each(n int, op trace.FileOp, format string) []trace.Observation {
	var list []trace.Observation
	for i := range n {
		list = append(list, file(op, fmt.Sprintf(format, 'a'+i)))
	}
	return list
}

// TestPutBack has what is put back of directories that belong to others: as little as
// holds what was used, and as much as is used and changed as one.
func TestPutBack(t *testing.T) {
	read, list := trace.OpRead, trace.OpList
	www := trace.Owner{UID: 33, GID: 33, Mode: 0o755}
	asWWW := file(read, "/var/lib/x/other/f")
	asWWW.Actor.UID = 33
	absent := func(name string) trace.Observation { return failed(file(read, name), enoent) }
	listed := dirs(list, "/srv/www/site")
	folded := file(read, "/srv/www/*")
	folded.File.Folded = true
	for _, test := range []struct {
		name string
		o    []trace.Observation
		want string // what is put back, or "no BASE" if a directory stays as it is
	}{
		{"the deepest directory", []trace.Observation{file(read, "/srv/www/site/html/a"), file(read, "/srv/www/site/html/b")}, "/srv/www/site/html"},
		{"the deepest of several", []trace.Observation{file(read, "/srv/www/a/x/f"), file(read, "/srv/www/b/y/f"), file(read, "/srv/mail/z/f")}, "/srv/mail/z /srv/www/a/x /srv/www/b/y"},
		{"what a file is directly in", []trace.Observation{file(read, "/srv/www/f"), file(read, "/srv/www/a/x/f")}, "/srv/www"},
		{"where a file was looked for", []trace.Observation{file(read, "/srv/www/site/html/a"), absent("/srv/www/site/.htaccess")}, "/srv/www/site"},
		{"where a directory was looked for", []trace.Observation{file(read, "/srv/www/site/html/a"), absent("/srv/www/new/html/a")}, "/srv/www"},
		{"where nothing of anything was found", []trace.Observation{file(read, "/srv/www/site/a"), absent("/srv/other/a")}, "/srv/www/site"},
		{"what is listed", []trace.Observation{listed, file(read, "/srv/www/site/html/a")}, "/srv/www/site"},
		{"what is only passed", []trace.Observation{dirs(trace.OpStat, "/srv/www"), dirs(trace.OpChdir, "/srv/www/site"), file(read, "/srv/www/site/html/a")}, "/srv/www/site/html"},
		{"what is only asked for", []trace.Observation{dirs(trace.OpStat, "/srv/www/site")}, "/srv/www/site"},
		{"what somebody else made into it", []trace.Observation{dirs(trace.OpStat, "/srv/www"), dirs(trace.OpChdir, "/srv/other"), file(read, "/srv/www/site/a")}, "/srv/other /srv/www/site"},
		{"what is passed beside what is not", []trace.Observation{dirs(trace.OpStat, "/srv/www"), dirs(trace.OpStat, "/srv/other"), file(read, "/srv/www/site/a")}, "/srv/other /srv/www/site"},
		{"where something is made", []trace.Observation{dirs(trace.OpMkdir, "/srv/www/site"), file(read, "/srv/www/site/html/a")}, "/srv/www rw"},
		{"where something is written", []trace.Observation{file(trace.OpCreate, "/srv/www/site/upload/a"), file(read, "/srv/docs/site/a")}, "/srv/docs/site /srv/www/site/upload rw"},
		{"a few branches", each(maxBranches, read, "/srv/www/%c/f"), "/srv/www/a /srv/www/b /srv/www/c /srv/www/d"},
		{"many branches", each(maxBranches+1, read, "/srv/www/%c/f"), "/srv/www"},
		{"branches that are written to", each(2, trace.OpWrite, "/srv/www/%c/f"), "/srv/www rw"},
		{"an application's", []trace.Observation{file(trace.OpMapExec, "/opt/vendor/app/modules/x.so"), file(read, "/opt/vendor/app/conf/y")}, "/opt/vendor/app"},
		{"what is beside programs", []trace.Observation{file(trace.OpExecute, "/opt/vendor/app/bin/x")}, "/opt/vendor/app"},
		{"programs that have no directory of their own", []trace.Observation{file(trace.OpExecute, "/opt/vendor/x")}, "/opt/vendor"},
		{"an application's data", []trace.Observation{file(trace.OpWrite, "/var/lib/x/y/z/f")}, "/var/lib/x rw"},
		{"what applications keep for others", []trace.Observation{file(read, "/var/lib/x/y/z/f")}, "/var/lib/x/y/z"},
		{"of the unit's name", []trace.Observation{file(read, "/var/lib/daemon/y/z/f")}, "/var/lib/daemon"},
		{"of a user of the unit", []trace.Observation{asWWW, inDirectoryOf(www, file(read, "/var/lib/x/f"))}, "/var/lib/x"},
		{"of a user that the unit never is", []trace.Observation{file(read, "/var/lib/x/y/f"), inDirectoryOf(www, dirs(trace.OpStat, "/var/lib/x/y"))}, "/var/lib/x/y"},
		{"of root", []trace.Observation{file(read, "/var/lib/x/y/f"), inDirectoryOf(trace.Owner{Mode: 0o755}, dirs(trace.OpStat, "/var/lib/x/y"))}, "/var/lib/x/y"},
		{"a version", []trace.Observation{file(read, "/srv/app/v1.2/f")}, "/srv/app"},
		{"a name that cannot be written down", []trace.Observation{file(read, "/srv/app/a\nb/f")}, "/srv/app"},
		{"a made up name", []trace.Observation{file(read, "/srv/app/job-kW3x0Q/f")}, "/srv/app"},
		{"a series", []trace.Observation{file(read, "/srv/app/db1/f"), file(read, "/srv/app/db2/f")}, "/srv/app"},
		{"one with a number", []trace.Observation{file(read, "/srv/app/db1/f"), file(read, "/srv/app/conf/f")}, "/srv/app/conf /srv/app/db1"},
		{"renamed", []trace.Observation{renamed("/srv/app/new/f", "/srv/app/cur/f")}, "/srv/app rw"},
		{"a link that changes", []trace.Observation{asGiven("/srv/app/current/f", file(read, "/srv/app/releases/x/f"))}, "/srv/app"},
		{"a link to elsewhere", []trace.Observation{asGiven("/srv/app/f", file(read, "/data/app/f"))}, "no /srv"},
		{"a link across", []trace.Observation{asGiven("/srv/app/f", file(read, "/srv/releases/f"))}, "no /srv"},
		{"no link", []trace.Observation{asGiven("/srv/app/../app/x/f", file(read, "/srv/app/x/f"))}, "/srv/app/x"},
		{"systemd's own link", []trace.Observation{asGiven("/var/lib/x/f", file(read, "/var/lib/private/x/f"))}, "/var/lib/private/x"},
		{"what libraries read", []trace.Observation{file(read, "/var/lib/sss/mc/passwd")}, "/var/lib/sss"},
		{"names that were folded", []trace.Observation{folded}, "/srv/www"},
		{"too many places", slices.Concat(each(3, read, "/srv/x/%c/f"), each(3, read, "/srv/y/%c/f"), each(4, read, "/srv/z/%c/f")), "/srv/x/a /srv/x/b /srv/x/c /srv/y/a /srv/y/b /srv/y/c /srv/z"},
		{"far too many places", each(maxPutBack+1, read, "/srv/%c/x/f"), "no /srv"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := evidenceFor(t, "257", "", test.o...)
			c, ok := e.allowList()
			if v := e.Violations(c.Settings, 1); !ok || len(v) > 0 {
				t.Fatalf("%q, denied: %+v", c.Settings, v)
			}
			got := puts(c.Settings)
			if base, stays := strings.CutPrefix(test.want, "no "); stays {
				if got != "" || hasWord(c.Settings, "InaccessiblePaths=-"+base) || hasWord(c.Settings, "TemporaryFileSystem="+base+":ro") {
					t.Errorf("%q, want %s to stay as it is", c.Settings, base)
				}
			} else if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// puts returns what settings put back, in order.
func puts(list []trace.Setting) string {
	var words []string
	for _, s := range list {
		switch place := strings.TrimPrefix(s.Value, "-"); s.Name {
		case "BindReadOnlyPaths":
			words = append(words, place)
		case "BindPaths":
			words = append(words, place+" rw")
		case "StateDirectory":
			words = append(words, "/var/lib/"+place+" rw")
		}
	}
	return strings.Join(words, " ")
}
