// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Belongs tells whether a directory in one of systemd's bases is a unit's own, as far as
// its name tells: that of the unit, of a program that it starts, or of one of users.
// What systemd makes for a unit, it may also give away, and remove (systemctl clean).
func Belongs(u *trace.Unit, dir string, users ...string) bool {
	name := strings.ToLower(path.Base(dir))
	unit, _, _ := strings.Cut(strings.TrimSuffix(u.Name, ".service"), "@")
	names := append([]string{unit}, users...)
	for _, c := range u.Commands {
		if strings.HasPrefix(c.Line, "Exec") && len(c.Argv) > 0 {
			names = append(names, path.Base(c.Argv[0]))
		}
	}
	return slices.ContainsFunc(names, func(n string) bool { return alikeNames(name, strings.ToLower(n)) })
}

// sharedUsers are those that several programs run as: what is theirs need not be the
// unit's.
var sharedUsers = []string{"", "root", "nobody", "daemon", "www-data", "http"}

// alikeNames tells whether two names are those of one program: mysql and mysqld, php and
// php8.2-fpm, redis and redis-server.
func alikeNames(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	rest, ok := strings.CutPrefix(b, a)
	return a != "" && ok && (rest == "" || rest == "d" || rest[0] < 'a' || rest[0] > 'z')
}

// belongs also takes for the unit's own what it made itself, and what is its user's, if
// that is no user of many.
func (e *Evidence) belongs(dir string) bool {
	user := e.Unit("User")
	if e.Scene.own[dir] || Belongs(&e.Trace.Header.Unit, dir, user, e.became) {
		return true
	}
	owner := e.Scene.owners[dir]
	return owner != nil && owner.UID != 0 && !slices.Contains(sharedUsers, user) && e.isUnitUser(owner.UID)
}

// onlyUser is the name of the user that the unit becomes, if that is one.
func (e *Evidence) onlyUser() string {
	name := ""
	for _, list := range e.byKind {
		for _, o := range list {
			n := e.Trace.Header.Unit.Users[o.Actor.UID]
			switch {
			case o.Actor.UID == 0 || n == name:
			case name != "":
				return ""
			default:
				name = n
			}
		}
	}
	return name
}
