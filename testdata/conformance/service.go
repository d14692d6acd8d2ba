// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

// Where the machine has what belongs to the services that are drawn.
const (
	scripts     = "/usr/local/lib/drawn"
	programs    = "/usr/libexec/drawn"
	transcripts = "/run/drawn"
)

// service is a service drawn at random: it does operations in an order of its own, in
// the lines of its unit, and says what each came to.
type service struct {
	number int
	name   string
	kind   string // Type=
	user   bool   // it has a User=
	// owner is whose the working area is.
	owner int
	// own has every operation done by a program of its own name, so that what was
	// observed of one can be told from what was observed of another.
	own bool
	// settings are the sandbox that it has already, and what systemd makes for it.
	settings []trace.Setting
	pidFile  string
	parts    []part
	// hangup has ExecReload= send a signal, upon which the main process does what there is
	// to do; settles has that process be a user's.
	hangup, settles bool
}

// part is what one line of the unit does.
type part struct {
	line, prefix string
	// operations are done as whoever the line is started as, and away in another way.
	operations, away []string
	way              way
}

// lines are the lines that a service may have besides ExecStart=, in systemd's order.
var lines = []string{"ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"}

// drawService draws the service of a seed with that number, the same whichever others
// are drawn.
func drawService(seed uint64, number int, t systemd.Target) service {
	r := rand.New(rand.NewPCG(seed, uint64(number)+1))
	s := service{number: number, name: fmt.Sprintf("drawn-%d-%d", seed, number), own: r.IntN(3) > 0}
	s.kind = []string{"simple", "notify", "forking", "oneshot"}[r.IntN(4)]
	s.user = r.IntN(3) == 0
	drops := !s.user && r.IntN(2) == 0
	if s.user || drops && r.IntN(2) == 0 {
		s.owner = probes.UserID
	}
	s.drawSettings(r, t)
	for range max(0, r.IntN(5)-2) {
		s.settings = append(s.settings, ordinary[r.IntN(len(ordinary))])
	}
	s.drawLines(r, drops)
	s.drawOperations(r, drops)
	return s
}

func (s *service) drawSettings(r *rand.Rand, t systemd.Target) {
	directories := map[string]bool{}
	for _, d := range []string{"RuntimeDirectory", "StateDirectory"} {
		if r.IntN(3) == 0 {
			directories[d] = true
			s.settings = append(s.settings, trace.Setting{Name: d, Value: s.name})
		}
	}
	switch {
	case directories["RuntimeDirectory"]:
		s.pidFile = path.Join("/run", s.name, "pid")
	case !s.user && r.IntN(2) == 0:
		s.pidFile = "/run/" + s.name + ".pid"
	}
	for range max(0, r.IntN(6)-2) {
		v := values[r.IntN(len(values))]
		c := testCase{settings: settingsOf(v.name, v.list[r.IntN(len(v.list))])}
		if accepted(c, t) && !c.has("User", probes.User) {
			s.settings = append(s.settings, c.settings...)
		}
	}
}

func (s *service) drawLines(r *rand.Rand, drops bool) {
	s.parts = []part{{line: "ExecStart", way: drawWay(r, s.user, drops)}}
	for _, l := range lines {
		if s.mayHave(l) && r.IntN(3) == 0 {
			s.parts = append(s.parts, part{line: l, prefix: prefixes[r.IntN(len(prefixes))], way: drawWay(r, s.user, drops)})
		}
	}
	reload := slices.IndexFunc(s.parts, func(p part) bool { return p.line == "ExecReload" })
	if reload < 0 || r.IntN(2) == 0 {
		return
	}
	s.hangup, s.settles = true, drops && r.IntN(2) == 0
	if s.settles {
		s.parts[reload].way = way{}
	}
}

func (s *service) drawOperations(r *rand.Rand, drops bool) {
	away := 4
	if drops {
		away = 2
	}
	for _, name := range drawNames(r) {
		p := &s.parts[0]
		if r.IntN(2) == 0 {
			p = &s.parts[r.IntN(len(s.parts))]
		}
		if r.IntN(away) == 0 && p.way.command != "" {
			p.away = append(p.away, name)
		} else {
			p.operations = append(p.operations, name)
		}
	}
}

// drawNames draws what a service does.
func drawNames(r *rand.Rand) []string {
	var names []string
	for _, i := range r.Perm(len(probes.Table))[:3+r.IntN(23)] {
		if len(probes.Table[i].Behind) == 0 { // of some machines a recording does not hold it, and says so
			names = append(names, probes.Table[i].Name)
		}
	}
	for _, i := range r.Perm(len(errands))[:max(0, r.IntN(7)-2)] {
		names = append(names, errands[i].name)
	}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

// mayHave leaves out the lines that systemd runs at the same time as ExecStart=, and
// those that are never run.
func (s *service) mayHave(line string) bool {
	switch line {
	case "ExecStartPost":
		return s.kind == "notify" || s.kind == "oneshot"
	case "ExecReload":
		return s.kind != "oneshot"
	}
	return true
}

// unit is the service's unit file.
func (s *service) unit(outside string) string {
	text := "[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nType=" + s.kind + "\nTimeoutSec=30\n"
	set := func(name, value string) { text += name + "=" + value + "\n" }
	set("StandardOutput", "append:"+s.transcript())
	set("Environment", "PROBE_AREA="+probes.Area+" PROBE_OUTSIDE="+outside)
	if s.user {
		set("User", probes.User)
	}
	switch {
	case s.kind == "notify":
		set("NotifyAccess", "all")
	case s.kind == "forking" && s.pidFile != "":
		set("PIDFile", s.pidFile)
	}
	for _, x := range s.settings {
		set(x.Name, x.Value)
	}
	for _, p := range s.parts {
		if p.line == "ExecReload" && s.hangup {
			set(p.line, p.prefix+"/bin/kill -HUP $MAINPID")
			continue
		}
		set(p.line, p.prefix+"/bin/sh "+s.script(p.line))
	}
	return text
}

func (s *service) transcript() string        { return path.Join(transcripts, s.name) }
func (s *service) script(part string) string { return path.Join(scripts, s.name, part) }
func (s *service) program(operation string) string {
	if s.own {
		return path.Join(programs, operation)
	}
	return probes.Program
}

// files are the service's scripts by their paths.
func (s *service) files() map[string]string {
	all := map[string]string{}
	for _, p := range s.parts {
		text := s.do(p.operations)
		if len(p.away) > 0 {
			away := s.script(p.line + "-away")
			all[away] = s.do(p.away)
			text += p.way.command + " sh " + away + "\n"
		}
		if p.line == "ExecStart" {
			stay := s.stay()
			if s.settles {
				all[s.script("main")] = stay
				stay = "exec " + drop + " sh " + s.script("main") + "\n"
			}
			all[s.script(p.line)] = s.main(text, stay)
			continue
		}
		all[s.script(p.line)] = text + end(p.line)
	}
	return all
}

// end is what tells the driver that a line is done.
func end(line string) string { return "echo -- end " + line + "\n" }

func (s *service) do(operations []string) string {
	var text strings.Builder
	for _, o := range operations {
		if e, ok := findErrand(o); ok {
			fmt.Fprintf(&text, "(d=%s; mkdir -p $d; %s) >/dev/null; echo %s $?\n", path.Join(probes.Area, o), e.text, o)
			continue
		}
		fmt.Fprintf(&text, "%s --exec %s; echo %[2]s $?\n", s.program(o), o)
	}
	return text.String()
}

// stay is what the main process does in the end.
func (s *service) stay() string {
	if !s.hangup {
		return end("ExecStart") + "exec sleep infinity\n"
	}
	return "trap 'sh " + s.script("ExecReload") + "' HUP\n" + end("ExecStart") + "sleep infinity &\nwhile :; do wait; done\n"
}

// main is the script of ExecStart=, which does what text does, and stays.
func (s *service) main(text, stay string) string {
	writes := ""
	if s.pidFile != "" {
		writes = " >" + s.pidFile
	}
	switch s.kind {
	case "forking":
		return "(\n" + text + stay + ") &\necho $!" + writes + "\n"
	case "oneshot":
		return "echo $$" + writes + "\n" + text + end("ExecStart")
	case "notify":
		text += "systemd-notify --ready\n"
	}
	return "echo $$" + writes + "\n" + text + stay
}

// partOf is the line that does an operation.
func (s *service) partOf(operation string) string {
	for _, p := range s.parts {
		if slices.Contains(p.operations, operation) || slices.Contains(p.away, operation) {
			return p.line
		}
	}
	return ""
}

// uid is whom an operation is done as.
func (s *service) uid(operation string) int {
	for _, p := range s.parts {
		switch {
		case slices.Contains(p.operations, operation):
			if s.user && !strings.ContainsAny(p.prefix, "+!") || s.settles && p.line == "ExecReload" {
				return probes.UserID
			}
		case slices.Contains(p.away, operation):
			if s.user && !strings.ContainsAny(p.prefix, "+!") || p.way.becomes {
				return probes.UserID
			}
		}
	}
	return 0
}

// operations are all of the service's.
func (s *service) operations() []string {
	var all []string
	for _, p := range s.parts {
		all = slices.Concat(all, p.operations, p.away)
	}
	return all
}
