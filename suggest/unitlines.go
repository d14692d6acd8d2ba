// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// unitLines returns the settings of the unit that have to change: those that name a
// path which moves, and commands that are told to become the user.
func (id *identity) unitLines() []Line {
	var list []Line
	said := map[string]bool{}
	for _, s := range id.trace.Header.Unit.Settings {
		if _, changed := id.rewrite(s); !changed || said[s.Name] {
			continue
		}
		said[s.Name] = true
		list = append(list, id.assignments(s.Name)...)
	}
	return list
}

// additive are directives whose assignments add up, so that a new one suffices.
var additive = []string{"Environment", "BindPaths", "BindReadOnlyPaths", "ReadWritePaths", "ReadOnlyPaths", "ExecPaths"}

// assignments are those of a directive that have to change, as they are to be. Exec
// lines add up, too, and the old ones cannot stay: all of them are said again after
// an empty one.
func (id *identity) assignments(name string) []Line {
	var all, changed []Line
	for _, s := range id.trace.Header.Unit.Settings {
		if s.Name != name {
			continue
		}
		l, other := id.rewrite(s)
		all = append(all, l)
		if other {
			changed = append(changed, l)
		}
	}
	switch {
	case isExec(name):
		return append([]Line{line(name, "", nil)}, all...)
	case slices.Contains(additive, name):
		return changed
	}
	return all[len(all)-1:]
}

func isExec(name string) bool {
	return slices.Contains([]string{"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"}, name)
}

// rewrite returns a setting as it is to be, and whether that is another one.
func (id *identity) rewrite(s trace.Setting) (Line, bool) {
	value, by := id.moves.apply(s.Value)
	l := line(s.Name, value, nil)
	if by != "" {
		l.Evidence = useOf(id.trace, by)
	}
	if isExec(s.Name) {
		if l.Value = id.withoutUser(value); l.Value != value {
			l.Evidence = append(l.Evidence, id.regroups()...)
			l.Notes = append(l.Notes, "no longer tells the program to become "+id.name+", which it is: to set its groups is refused to it")
		}
	}
	return l, l.Value != s.Value
}

// userOption and groupOption are how programs are told whom to become, and what variables
// for that are called.
var (
	userOption    = regexp.MustCompile(`\s(?:--user|-u)(?:=|\s+)(\S+)`)
	groupOption   = regexp.MustCompile(`\s(?:--group|-g)(?:=|\s+)(\S+)`)
	userVariable  = regexp.MustCompile(`^\$\{?\w*USER\}?$`)
	groupVariable = regexp.MustCompile(`^\$\{?\w*GROUP\}?$`)
)

// withoutUser returns the command of a program that sets its groups without the options
// to become the user and its group; snmpd sets its groups for either.
func (id *identity) withoutUser(command string) string {
	program := path.Base(strings.TrimLeft(strings.SplitN(command, " ", 2)[0], "@-:+!"))
	if id.pretend || !slices.ContainsFunc(id.regroups(), func(o *trace.Observation) bool { return path.Base(string(o.Actor.Exe)) == program }) {
		return command
	}
	command = id.withoutOption(userOption, userVariable, id.name, command)
	return id.withoutOption(groupOption, groupVariable, id.group, command)
}

func (id *identity) withoutOption(option, variable *regexp.Regexp, name, command string) string {
	m := option.FindStringSubmatchIndex(command)
	if m == nil || name == "" {
		return command
	}
	word := command[m[2]:m[3]]
	if id.variable(word) != name && !(variable.MatchString(word) && id.readsEnvironment()) {
		return command
	}
	return command[:m[0]] + command[m[1]:]
}

// readsEnvironment tells whether files set variables that the trace does not hold: what
// they are called tells what they are for (bird's $BIRD_RUN_USER).
func (id *identity) readsEnvironment() bool {
	return slices.ContainsFunc(id.trace.Header.Unit.Settings, func(s trace.Setting) bool { return s.Name == "EnvironmentFile" && s.Value != "" })
}

// startOnly has all lines run as the user, where PermissionsStartOnly= would leave the
// helpers root: they were all asked whether the user can do what they do, and what they
// make or look at is the user's.
func (id *identity) startOnly() []Line {
	value := ""
	for _, s := range id.trace.Header.Unit.Settings {
		if s.Name == "PermissionsStartOnly" {
			value = s.Value
		}
	}
	if !slices.Contains([]string{"yes", "true", "1", "on"}, value) {
		return nil
	}
	return []Line{line("PermissionsStartOnly", "no", nil, "has the helpers run as the same user: what root looks at and makes before is another's")}
}

// variable returns what a word is with the unit's Environment=.
func (id *identity) variable(word string) string {
	name := strings.Trim(word, "${}")
	if name == word {
		return word
	}
	value := ""
	for _, s := range id.trace.Header.Unit.Settings {
		if s.Name != "Environment" {
			continue
		}
		words, err := systemd.Words(s.Value, systemd.ClassEnvironment, id.target.Systemd)
		if err != nil {
			continue
		}
		for _, w := range words {
			if v, ok := strings.CutPrefix(w.Text, name+"="); ok {
				value = v
			}
		}
	}
	return value
}
