// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Sessions returns what tells that the unit opens sessions for users, as sshd and
// cron do; none if it does not. What happens in a session is not the unit's, and no
// training run knows it, but everything in it inherits the unit's sandbox: mounts
// that the system does not see, set-user-ID programs that give nothing, a missing
// capability for root.
func (e *Evidence) Sessions() []*trace.Observation {
	var moved, shells []*trace.Observation
	for _, o := range e.Of(trace.KindMove) {
		if !o.Move.In && isSession(string(o.Move.Cgroup)) {
			moved = append(moved, o)
		}
	}
	lines := e.authenticate()
	for _, o := range e.byOp[trace.OpExecute] {
		if o.Outcome == trace.OutcomeOK && slices.Contains(shellNames, path.Base(string(o.File.Path))) && lines[o.Actor.Line] {
			shells = append(shells, o)
		}
	}
	return append(moved, shells...)
}

// isSession tells cgroups that systemd-logind makes for sessions.
func isSession(cgroup string) bool {
	name := path.Base(cgroup)
	return strings.HasPrefix(name, "session-") && strings.HasSuffix(name, ".scope")
}

var shellNames = []string{"sh", "ash", "bash", "csh", "dash", "fish", "ksh", "mksh", "tcsh", "zsh"}

// asOthers are programs that open a session for one command of a service that runs
// them: that is the service's own work.
var asOthers = []string{"doas", "pkexec", "runuser", "su", "sudo"}

// authenticate returns the Exec lines where a program of the unit itself uses PAM and has
// a configuration there. A shell elsewhere is a script of the unit's: smbd's has one in
// ExecStartPre=.
func (e *Evidence) authenticate() map[string]bool {
	type program struct {
		exe  trace.Path
		line string
	}
	uses, configured := map[program]bool{}, map[program]bool{}
	for _, op := range []trace.FileOp{trace.OpMapExec, trace.OpRead} {
		for _, o := range e.byOp[op] {
			name, by := string(o.File.Path), program{o.Actor.Exe, o.Actor.Line}
			switch {
			case slices.Contains(asOthers, path.Base(string(o.Actor.Exe))):
			case strings.HasPrefix(path.Base(name), "libpam.so"):
				uses[by] = true
			case path.Dir(name) == "/etc/pam.d":
				configured[by] = true
			}
		}
	}
	lines := map[string]bool{}
	for by := range uses {
		if configured[by] {
			lines[by.line] = true
		}
	}
	return lines
}
