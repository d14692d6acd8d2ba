// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"fmt"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// newUser is the step that makes a user. useradd is everywhere, adduser is Debian's.
func newUser(name string) Step {
	command := "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin " + name
	return Step{Text: "make the user: " + command, Why: "systemd does not start a service for a user that is not there (217/USER)",
		User: name, Commands: []string{command}, Undo: []string{"userdel " + name}}
}

// giveTo is the step that gives a file to a user.
func (id *identity) giveTo(own *ownership) Step {
	p := &Permissions{Path: trace.Path(own.path), Before: *own.owner, Owner: id.name}
	return Step{Text: fmt.Sprintf("chown %s %s", id.name, own.path),
		Why:         fmt.Sprintf("%s has to write there, and it is %s; going back to root needs no step", id.name, id.ownerName(own.owner)),
		Permissions: p, Commands: []string{"chown " + id.name + " " + quoteShell(own.path)},
		Undo: []string{"chown " + nameOr(id.trace.Header.Unit.Users[own.owner.UID], own.owner.UID) + " " + quoteShell(own.path)}}
}

// letGroupAt is the step that lets the user's group at a file of root's group.
func (id *identity) letGroupAt(own *ownership) Step {
	bits := permissionLetters(own.want)
	at := quoteShell(own.path)
	p := &Permissions{Path: trace.Path(own.path), Before: *own.owner, Group: id.group, Add: own.want << 3}
	return Step{Text: fmt.Sprintf("let %s %s %s: chgrp %s and chmod g+%s it", id.name, verbs(own.want), own.path, id.group, bits),
		Why:         fmt.Sprintf("it is %s, and %s is another", id.ownerName(own.owner), id.name),
		Permissions: p, Commands: []string{"chgrp " + id.group + " " + at, "chmod g+" + bits + " " + at},
		Undo: []string{"chgrp " + nameOr(id.trace.Header.Unit.Groups[own.owner.GID], own.owner.GID) + " " + at, fmt.Sprintf("chmod %04o %s", own.owner.Mode, at)}}
}

// listUser is the step that adds the user to a file's access control list: nobody loses
// anything by that, as the members of another group would by a chgrp.
func (id *identity) listUser(own *ownership) Step {
	entry := "u:" + id.name + ":" + permissionLetters(own.want)
	at := quoteShell(own.path)
	command := "setfacl --modify " + entry + " " + at
	return Step{Text: fmt.Sprintf("let %s %s %s: %s", id.name, verbs(own.want), own.path, command),
		Why:         fmt.Sprintf("it is %s, and others depend on that", id.ownerName(own.owner)),
		Permissions: &Permissions{Path: trace.Path(own.path), Before: *own.owner, Entry: entry},
		Commands:    []string{command}, Undo: []string{"setfacl --remove u:" + id.name + " " + at}}
}

// verbs say what permissions are for.
func verbs(want uint32) string {
	switch {
	case want&mayWrite != 0:
		return "write to"
	case want&mayRead != 0:
		return "read"
	}
	return "into"
}

func permissionLetters(want uint32) string {
	letters := ""
	for i, l := range []string{"r", "w", "x"} {
		if want&(mayRead>>i) != 0 {
			letters += l
		}
	}
	return letters
}

// quoteShell quotes a word for a shell, if it needs that.
func quoteShell(word string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("/_-.+,:@%", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if word != "" && !strings.HasPrefix(word, "-") && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
