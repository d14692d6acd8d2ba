// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func pidFamily() Family {
	return Family{
		Name:       "PrivatePIDs",
		Directives: []Directive{{Name: "PrivatePIDs", Denies: "sight of processes outside", Read: flag(privatePIDRules)}},
		Propose:    proposePIDs,
	}
}

func privatePIDRules(u *Unit) []Rule {
	if !u.Accepts("PrivatePIDs") {
		return nil
	}
	return []Rule{foreignSignals{}, foreignProcesses{}, otherCommands{}, namelessPeers{}}
}

// foreignSignals: nobody outside is there to be signalled.
type foreignSignals struct{}

func (foreignSignals) Kind() trace.Kind { return trace.KindSignal }

func (foreignSignals) Denies(o *trace.Observation) trace.Outcome { return unlessSame(o, "ESRCH") }

// foreignProcesses: /proc shows the unit's own processes, and numbers them anew.
type foreignProcesses struct{}

func (foreignProcesses) Kind() trace.Kind { return trace.KindFile }

func (foreignProcesses) concerns(dir string) bool { return within(dir, "/proc") }

func (foreignProcesses) Denies(o *trace.Observation) trace.Outcome {
	rest, ok := strings.CutPrefix(string(o.File.Path), "/proc/")
	first, _, _ := strings.Cut(rest, "/")
	if !ok || !isPID(first) || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	return Hidden
}

// otherCommands: each command of the unit has processes of its own, so that what
// reloads or stops the service does not reach it by the number that it was told.
type otherCommands struct{}

// signalling are the calls that name a process, mostly another one than the caller.
var signalling = []string{"kill", "pidfd_open", "rt_sigqueueinfo"}

func (otherCommands) Kind() trace.Kind { return trace.KindSyscall }

// Whom a signal within the unit was for is not in a trace.
func (otherCommands) Denies(o *trace.Observation) trace.Outcome {
	if o.Actor.Line == "" || o.Actor.Line == "ExecStart" || !slices.Contains(signalling, o.Syscall.Name) {
		return allowed
	}
	return unlessSame(o, "ESRCH")
}

// namelessPeers: who is at the other end of a socket has no number here, and systemctl
// gives up on a systemd without one ("No data available", as seen on 257).
type namelessPeers struct{}

func (namelessPeers) Kind() trace.Kind { return trace.KindFile }

func (namelessPeers) ops() []trace.FileOp { return []trace.FileOp{trace.OpConnect} }

func (namelessPeers) Denies(o *trace.Observation) trace.Outcome {
	if o.File.Op != trace.OpConnect || o.File.Path != "/run/systemd/private" || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	return "ENODATA"
}

// proposePIDs keeps away from services that look at other processes, that tell others
// their number or are told it, or that are more than one process.
func proposePIDs(e *Evidence) []Candidate {
	if e.Level < Strict || !e.Target.Enforces("PrivatePIDs", "yes") || e.Unit("Type") == "forking" || e.Unit("PIDFile") != "" ||
		e.looksAtProcesses() || e.writesPIDFile() || e.toldItsNumber() || !e.isOneProcess() {
		return nil
	}
	return []Candidate{{Settings: []trace.Setting{{Name: "PrivatePIDs", Value: "yes"}}}}
}

// toldItsNumber tells services that systemd hands something to for the process of a
// number, LISTEN_PID= or WATCHDOG_PID=, which is the one outside (seen on 257): they take
// it for another's, leave the sockets alone, and do not answer the watchdog.
func (e *Evidence) toldItsNumber() bool {
	return len(e.Trace.Header.Unit.Sockets) > 0 || e.socketsPassed() || e.Unit("WatchdogSec") != ""
}

// isOneProcess tells services that have no children and end by themselves. A process 1
// gets orphans to reap that it does not know (vsftpd ends then), and a signal that it
// does not handle, as SIGTERM may be, does not end it.
func (e *Evidence) isOneProcess() bool {
	ends := false
	for _, o := range e.Of(trace.KindSyscall) {
		if o.Actor.Line != "" && o.Actor.Line != "ExecStart" {
			continue
		}
		switch o.Syscall.Name {
		case "fork", "vfork", "wait4", "waitid", "waitpid":
			return false
		case "exit", "exit_group":
			ends = true
		}
	}
	return ends
}

// looksAtProcesses tells whether a service made a call that is about other processes,
// which a trace does not name.
func (e *Evidence) looksAtProcesses() bool {
	for _, o := range e.Of(trace.KindSyscall) {
		switch o.Syscall.Name {
		case "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_send_signal", "kcmp", "process_madvise", "process_mrelease",
			"sched_setaffinity", "sched_setscheduler", "setpriority", "getpgid", "getsid", "setns":
			return true
		}
	}
	return false
}

// writesPIDFile tells whether a service leaves the number of its process in a file,
// for others to signal it: within, that is the 1 which outside is systemd's.
func (e *Evidence) writesPIDFile() bool {
	for _, o := range e.Of(trace.KindFile) {
		if path.Ext(string(o.File.Path)) == ".pid" && (o.File.Op == trace.OpWrite || o.File.Op == trace.OpCreate) {
			return true
		}
	}
	return false
}
