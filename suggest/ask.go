// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// vanishing are the capabilities that are only needed to become another user, or to
// get past file permissions, which are looked at file by file.
var vanishing = []string{"CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
	"CAP_FOWNER", "CAP_FSETID", "CAP_CHOWN", "CAP_KILL"}

// vanishes tells whether a capability is not needed by who is not root. A file that is
// opened by its handle is nobody's to look at.
func vanishes(c *trace.Capability) bool {
	return slices.Contains(vanishing, c.Name) && c.Syscall != "open_by_handle_at"
}

// asGoodAsRoot are capabilities with which a process can make itself root.
var asGoodAsRoot = []string{"CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_PTRACE", "CAP_BPF", "CAP_MKNOD",
	"CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_SETFCAP", "CAP_SYS_BOOT"}

// ask looks at one thing that was done.
func (id *identity) ask(o *trace.Observation) {
	switch {
	case asksManager(o), looksUpPassword(o), looksAtOthers(o), directive.InPassing(o) != "":
	case o.Capability != nil:
		id.askCapability(o)
	case o.Address != nil && id.privilegedPort(o.Address):
		id.keep = need(id.keep, "CAP_NET_BIND_SERVICE", o)
	case o.Signal != nil && o.Signal.UID != id.who.uid:
		id.keep = need(id.keep, "CAP_KILL", o)
	case o.File != nil && askable(o.File):
		id.askOwner(o)
		id.askFile(o)
	}
}

// askOwner refuses what gives files to somebody else, which only root may, unless its
// program looks first who it is. What gives them to its own user finds them there.
func (id *identity) askOwner(o *trace.Observation) {
	f := o.File
	if f.Op != trace.OpChown || f.Owner == nil || f.Owner.UID == 0 || f.Owner.UID == id.who.uid || whoAsk(id.trace)[o.Actor.Exe] {
		return
	}
	id.refuse("%s gives %s to %s, which only root may", path.Base(string(o.Actor.Exe)), f.Path, nameOr(id.trace.Header.Unit.Users[f.Owner.UID], f.Owner.UID))
}

// carries tells whether a program has capabilities of its file's own, whoever runs it:
// squid's pinger has CAP_NET_RAW.
func (id *identity) carries(exe trace.Path) bool {
	return slices.ContainsFunc(id.trace.Observations, func(o trace.Observation) bool {
		return o.File != nil && o.File.Op == trace.OpExecute && o.File.FileCaps && o.Outcome == trace.OutcomeOK && o.File.Path == exe
	})
}

// asksManager tells what systemctl does only where it is root: it speaks to the manager
// itself then, with a large buffer, and to the bus otherwise. Init scripts have it look
// whether there is a unit of their name.
func asksManager(o *trace.Observation) bool {
	if path.Base(string(o.Actor.Exe)) != "systemctl" {
		return false
	}
	return o.File != nil && o.File.Path == "/run/systemd/private" || o.Capability != nil && o.Capability.Name == "CAP_NET_ADMIN" && o.Capability.Syscall == "setsockopt"
}

// looksUpPassword tells perl's getpwnam, which also gives the password if it can: nobody
// misses it who looks for somebody's number.
func looksUpPassword(o *trace.Observation) bool {
	return o.File != nil && o.File.Path == "/etc/shadow" && o.File.Op == trace.OpRead && strings.HasPrefix(path.Base(string(o.Actor.Exe)), "perl")
}

func (id *identity) askCapability(o *trace.Observation) {
	name := o.Capability.Name
	use, _ := directive.CapabilityUse(o)
	switch {
	case use != directive.CapNeeded || o.Capability.Asked && !id.insistsOn(o) || vanishes(o.Capability) || id.doesWithout(o) || id.scene.MakesDo(o) || id.looksAround(o.Capability):
	case slices.Contains(asGoodAsRoot, name):
		id.refuse("it needs %s in %s, which is as good as being root", name, o.Capability.Syscall)
	case slices.Contains(directive.CapabilityNames(), name):
		id.keep = need(id.keep, name, o)
	}
}

// insistsOn tells whether a program that asked for a capability as the user will do so
// again: it becomes the user without a look at who it is. bird gives up without one of
// those that it asks for, used or not.
func (id *identity) insistsOn(o *trace.Observation) bool {
	return o.Actor.UID == id.who.uid && !id.looksFirst(o.Actor.Exe)
}

// looksAround tells whether a service that becomes a user read where the links of other
// users' processes lead, as start-stop-daemon does to find the one that it is about: that
// one is the user's own then, and others are none that it looks for.
func (id *identity) looksAround(c *trace.Capability) bool {
	return c.Name == "CAP_SYS_PTRACE" && strings.HasPrefix(c.Syscall, "readlink") && id.who.uid != nobodyYet
}

// looksAtOthers tells ps, which leaves out what it may not see of others' processes.
func looksAtOthers(o *trace.Observation) bool {
	return path.Base(string(o.Actor.Exe)) == "ps" && (o.File != nil && o.File.Op == trace.OpRead && strings.HasPrefix(string(o.File.Path), "/proc/[pid]/") ||
		o.Capability != nil && o.Capability.Name == "CAP_SYS_PTRACE")
}

// doesWithout tells whether a capability was refused to somebody in the same call, and
// the service went on: because the call went well all the same (io_uring_setup asks for
// CAP_IPC_LOCK, and counts the memory for whoever has it not), or without it (nsd asks
// for larger buffers than all may have, first as root and then as its user). That
// something was sent tells nothing: netlink answers what it came to in a message.
func (id *identity) doesWithout(o *trace.Observation) bool {
	c := o.Capability
	return c.Syscall != "" && !slices.Contains(sending, c.Syscall) && slices.ContainsFunc(id.trace.Observations, func(other trace.Observation) bool {
		switch {
		case !directive.Charged(&other) || other.Actor.UID == 0 || other.Outcome == trace.OutcomeOK:
			return false
		case other.Capability != nil:
			d := other.Capability
			return d.Result == trace.OutcomeOK && d.Name == c.Name && d.ABI == c.ABI && d.Syscall == c.Syscall
		}
		return c.Syscall == "setsockopt" && other.Syscall != nil && other.Syscall.Name == c.Syscall && other.Outcome == "EPERM" && other.Actor.Exe == o.Actor.Exe
	})
}

var sending = []string{"send", "sendto", "sendmsg", "sendmmsg", "write", "writev"}

// privilegedPort tells whether binding needs a capability, for traces without
// capabilities in them.
func (id *identity) privilegedPort(a *trace.Address) bool {
	first := uint16(1024)
	if p := id.trace.Header.Host.UnprivilegedPort; p != nil {
		first = *p
	}
	return a.Op == trace.AddressBind && strings.HasPrefix(a.Family, "AF_INET") && !a.Asked0 && a.Port != 0 && a.Port < first
}

// askable tells whether permissions decide what was done; being refused a look is lived
// with.
func askable(f *trace.File) bool {
	return strings.HasPrefix(string(f.Path), "/") && !f.Partial && !f.Chroot && !f.Unlinked && f.Op != trace.OpStat && !ownProcess(string(f.Path))
}

// ownProcess tells a process's own files in /proc, which are its user's, whoever that is.
// Those of its network are root's: nf_conntrack is for nobody else.
func ownProcess(name string) bool {
	return name == "/proc/self" || strings.HasPrefix(name, "/proc/self/") && !strings.HasPrefix(name, "/proc/self/net/")
}

// askFile: what the service made itself, its new user would have made.
func (id *identity) askFile(o *trace.Observation) {
	f := *o.File
	own := id.scene.Own(string(f.Path))
	if own {
		id.leaveBehind(o)
		f.Owner = nil
	}
	if id.scene.Own(dirOf(f.Path)) {
		f.Parent = nil
	}
	for _, b := range id.obstacles(&f, own) {
		if d := id.madeAround(f.Path); d != nil {
			d.by = append(d.by, o)
			id.madeByOthers(o)
			return
		}
		if _, moves := id.moves[f.Path]; moves {
			return
		}
		id.overcome(o, b)
	}
}

// obstacles are all that is in the user's way: the directory, the file itself, and the
// directories further up.
func (id *identity) obstacles(f *trace.File, own bool) []obstacle {
	var list []obstacle
	rest := *f
	if b, denied := id.who.obstacleTo(&rest); denied && string(b.at) == dirOf(f.Path) {
		list = append(list, b)
		rest.Parent = nil
	}
	if b, denied := id.who.obstacleTo(&rest); denied {
		list = append(list, b)
	}
	if b, denied := id.lockedOut(f.Path); denied && !own {
		list = append(list, b)
	}
	return list
}

// lockedOut looks at the directories above a file's own.
func (id *identity) lockedOut(file trace.Path) (obstacle, bool) {
	for dir := path.Dir(dirOf(file)); dir != "/" && dir != "."; dir = path.Dir(dir) {
		owner := id.dirs[dir]
		if owner == nil && dir == "/root" {
			owner = &trace.Owner{Mode: 0o700} // a trace has the directory of a file, and not those further up
		}
		if owner != nil && !id.scene.Own(dir) && !id.who.may(owner, mayExecute) {
			return obstacle{at: trace.Path(dir), owner: owner, want: mayExecute}, true
		}
	}
	return obstacle{}, false
}

func dirOf(p trace.Path) string { return path.Dir(string(p)) }
