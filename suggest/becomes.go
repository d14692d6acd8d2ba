// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// insisting are programs that look whether they are root, say so if they are not, and
// end: rpcbind (1.2.6), ntpd (OpenNTPD 6.2p3).
var insisting = []string{"rpcbind", "ntpd"}

// setUserID is S_ISUID of stat(2).
const setUserID = 0o4000

// staysAsItIs says why a service cannot have another user; "" if it may.
func staysAsItIs(t *trace.Trace, preferDynamic bool) string {
	for _, s := range t.Header.Unit.Settings {
		if s.Name == "DynamicUser" && slices.Contains([]string{"yes", "true", "1", "on"}, s.Value) {
			return "it has a user that systemd makes up already"
		}
	}
	if command := startedAsRoot(t); command != "" {
		return "ExecStart=" + command + " starts as root, whatever the user is"
	}
	if user := unitUser(t); user != "root" && !preferDynamic {
		return "it runs as " + user + " already"
	}
	as := map[uint32]trace.Path{}
	for i := range t.Observations {
		o := &t.Observations[i]
		if !directive.Charged(o) {
			continue
		}
		if _, known := as[o.Actor.UID]; !known && o.Actor.UID != 0 {
			as[o.Actor.UID] = o.Actor.Exe
		}
		if why := onlyAsRoot(t, o); why != "" {
			return why
		}
	}
	if len(as) > 1 {
		return fmt.Sprintf("it becomes %d different users (%s), and must be root for that", len(as), someOf(as, t.Header.Unit.Users))
	}
	if program := rootAgain(t); program != "" {
		return fmt.Sprintf("it executes %s, which makes whoever executes it root", program)
	}
	return ""
}

// startedAsRoot returns a command to which User= does not apply, as it is written; "" if
// there is none. With "!" the program becomes the user itself, as chronyd does.
func startedAsRoot(t *trace.Trace) string {
	for _, c := range t.Header.Unit.Commands {
		as := strings.TrimLeft(c.Prefix, "-@:|")
		if c.Line == "ExecStart" && (strings.HasPrefix(as, "+") || strings.HasPrefix(as, "!") && !strings.HasPrefix(as, "!!")) && len(c.Argv) > 0 {
			return c.Prefix + c.Argv[0]
		}
	}
	return ""
}

// rootAgain returns a program that was executed and that its set-user-ID bit makes root,
// also for another user; "" if there is none.
func rootAgain(t *trace.Trace) trace.Path {
	for i := range t.Observations {
		o := &t.Observations[i]
		if f := o.File; f != nil && directive.Charged(o) && f.Op == trace.OpExecute && o.Outcome == trace.OutcomeOK && f.Owner != nil && f.Owner.UID == 0 && f.Owner.Mode&setUserID != 0 {
			return f.Path
		}
	}
	return ""
}

// onlyAsRoot says why what was done keeps the service root; "" if it does not.
func onlyAsRoot(t *trace.Trace, o *trace.Observation) string {
	exe := path.Base(string(o.Actor.Exe))
	switch {
	case mapsLibrary(o, "libpam.so") && o.Actor.UID == 0 && !isOfSystemd(t, o.Actor.Exe):
		return fmt.Sprintf("it checks passwords or opens sessions for other users (%s uses PAM), and must be root for that", exe)
	case slices.Contains(insisting, exe):
		return exe + " does not start for anybody but root"
	case o.Move != nil && !o.Move.In:
		return fmt.Sprintf("it starts processes for others (in %s), and must be root for that", o.Move.Cgroup)
	}
	return ""
}

func mapsLibrary(o *trace.Observation, prefix string) bool {
	return o.File != nil && o.File.Op == trace.OpMapExec && strings.HasPrefix(path.Base(string(o.File.Path)), prefix)
}

// isOfSystemd tells systemd's own programs, as systemctl in init scripts: PAM is loaded
// into each of them with the library that they share (257), and used by none that a unit
// runs.
func isOfSystemd(t *trace.Trace, exe trace.Path) bool {
	return slices.ContainsFunc(t.Observations, func(o trace.Observation) bool {
		return o.Actor.Exe == exe && mapsLibrary(&o, "libsystemd-shared-")
	})
}

// namedUsers is how many users are named of those that a service becomes.
const namedUsers = 4

// someOf names users, and a program of each.
func someOf(as map[uint32]trace.Path, known map[uint32]string) string {
	var list []string
	for _, uid := range slices.Sorted(maps.Keys(as)) {
		if len(list) == namedUsers {
			list = append(list, "others")
			break
		}
		list = append(list, nameOr(known[uid], uid)+" in "+path.Base(string(as[uid])))
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// becomes returns the user and the group that most was done as after root.
func becomes(t *trace.Trace) (uid, gid uint32, ok bool) {
	counts := map[[2]uint32]int{}
	for i := range t.Observations {
		if o := &t.Observations[i]; directive.Charged(o) && o.Actor.UID != 0 {
			counts[[2]uint32{o.Actor.UID, o.Actor.GID}]++
		}
	}
	if len(counts) == 0 {
		return 0, 0, false
	}
	best := slices.MaxFunc(slices.SortedFunc(maps.Keys(counts), func(a, b [2]uint32) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	}), func(a, b [2]uint32) int { return cmp.Compare(counts[a], counts[b]) })
	return best[0], best[1], true
}

// onlyRoots are the calls for becoming somebody else that fail for all but root. Those
// that set an id are none of them: everybody may become who he is, and programs do so
// without a look (named asks whether it is root before setgroups, and not before setgid).
var onlyRoots = []string{"setgroups", "chown", "fchown", "lchown", "fchownat"}

// askingWho are the calls by which a program finds out whether it is root.
var askingWho = []string{"getuid", "geteuid", "getresuid"}

// whoAsk are the executables that look whether they are root before they become
// somebody else, and leave out what only root may if they are not. An interpreter looks
// whatever is in its script.
func whoAsk(t *trace.Trace) map[trace.Path]bool {
	ask, interprets := map[trace.Path]bool{}, interpreters(t)
	for i := range t.Observations {
		o := &t.Observations[i]
		if o.Syscall != nil && o.Actor.UID == 0 && directive.Charged(o) && slices.Contains(askingWho, o.Syscall.Name) {
			ask[o.Actor.Exe] = !interprets[o.Actor.Exe]
		}
	}
	return ask
}

// interpreters are the executables that ran as what executes a script.
func interpreters(t *trace.Trace) map[trace.Path]bool {
	interprets := map[trace.Path]bool{}
	for i := range t.Observations {
		if f := t.Observations[i].File; f != nil && f.Op == trace.OpExecute && f.Interpreter != "" && !isLoader(f.Interpreter) {
			interprets[t.Observations[i].Actor.Exe] = true
		}
	}
	return interprets
}

// isLoader tells the interpreter of programs that are no scripts.
func isLoader(interpreter trace.Path) bool { return strings.Contains(string(interpreter), "/ld-") }
