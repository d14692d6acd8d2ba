// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// WouldBe says what the operation of a violation would have come to. Where nothing that
// the setting says denies it, it says which other setting does not go with this one.
func WouldBe(v directive.Violation) string {
	text := "would be " + systemd.Printable(string(v.Outcome))
	if strings.HasPrefix(v.Value, directive.Beside) {
		text += " " + systemd.Printable(v.Value)
	}
	return text
}

// Words says in one line who did what, how it ended, and how often.
func Words(o *trace.Observation) string {
	text := systemd.Printable(base(o.Actor.Exe)) + who(&o.Actor) + " " + deed(o)
	if o.Outcome != trace.OutcomeOK {
		text += ", " + systemd.Printable(string(o.Outcome))
	}
	if o.Count > 1 {
		text += fmt.Sprintf(" (%d times)", o.Count)
	}
	return text
}

func base(p trace.Path) string {
	s := string(p)
	return s[strings.LastIndexByte(s, '/')+1:]
}

func who(a *trace.Actor) string {
	if a.Line == "" || a.Line == "ExecStart" {
		return ""
	}
	return " (" + systemd.Printable(a.Line) + ")"
}

func deed(o *trace.Observation) string {
	switch {
	case o.Syscall != nil:
		return "called " + Call(o.Syscall)
	case o.Capability != nil:
		return capabilityWords(o.Capability)
	case o.File != nil:
		return fileWords(o.File)
	case o.Address != nil:
		return addressWords(o.Address)
	case o.Signal != nil:
		return fmt.Sprintf("sent signal %d to %s of user %d, outside of the unit", o.Signal.Number, systemd.Printable(string(o.Signal.Exe)), o.Signal.UID)
	case o.IOUring != nil:
		return "asked io_uring for " + systemd.Printable(o.IOUring.Op)
	case o.Move != nil && o.Move.In:
		return "came from the control group " + systemd.Printable(string(o.Move.Cgroup))
	case o.Move != nil:
		return "left for the control group " + systemd.Printable(string(o.Move.Cgroup))
	}
	return "did something that this version does not know"
}

// Call writes a system call with the facts about its arguments.
func Call(s *trace.Syscall) string {
	name := systemd.Printable(s.Name)
	if name == "" {
		name = fmt.Sprintf("system call %d", s.Number)
	}
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = argument(a)
	}
	text := name
	if len(args) > 0 {
		text += "(" + strings.Join(args, ", ") + ")"
	}
	if s.ABI != "x86_64" && s.ABI != "aarch64" {
		text += " of " + systemd.Printable(s.ABI)
	}
	if s.Filtered {
		text += ", which a filter answered"
	}
	return text
}

func argument(a trace.Arg) string {
	switch a.Name {
	case "family", "domain":
		if f := directive.AddressFamily(a.Value); f != "" {
			return f
		}
	case "prot":
		return protection(a.Value)
	case "mode":
		return fmt.Sprintf("%s=%#o", systemd.Printable(a.Name), a.Value)
	case "id", "rid", "eid", "sid", "protocol":
		// -1 leaves an id as it is.
		return fmt.Sprintf("%s=%d", systemd.Printable(a.Name), int32(a.Value))
	case "type":
		if t := socketTypes[a.Value]; t != "" {
			return t
		}
	}
	return fmt.Sprintf("%s=%#x", systemd.Printable(a.Name), a.Value)
}

// socketTypes are those of socket(2), by number.
var socketTypes = map[uint64]string{1: "SOCK_STREAM", 2: "SOCK_DGRAM", 3: "SOCK_RAW", 4: "SOCK_RDM", 5: "SOCK_SEQPACKET", 6: "SOCK_DCCP", 10: "SOCK_PACKET"}

func protection(v uint64) string {
	names := []string{}
	for i, n := range []string{"PROT_READ", "PROT_WRITE", "PROT_EXEC"} {
		if v>>i&1 != 0 {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return "PROT_NONE"
	}
	return strings.Join(names, "|")
}

func capabilityWords(c *trace.Capability) string {
	text := "needed " + systemd.Printable(c.Name)
	if c.Asked {
		text = "asked for " + systemd.Printable(c.Name)
	}
	if c.Syscall != "" {
		text += " in " + systemd.Printable(c.Syscall)
	}
	return text
}

// deeds say in the past tense what was done to a file.
var deeds = map[trace.FileOp]string{
	trace.OpRead: "read", trace.OpWrite: "wrote", trace.OpCreate: "created", trace.OpMkdir: "made the directory",
	trace.OpMknod: "made the node", trace.OpRemove: "removed", trace.OpRmdir: "removed the directory",
	trace.OpRenameFrom: "renamed", trace.OpRenameTo: "renamed something to", trace.OpLinkFrom: "linked",
	trace.OpLinkTo: "made the link", trace.OpSymlink: "made the symbolic link", trace.OpTruncate: "truncated",
	trace.OpChmod: "changed the mode of", trace.OpChown: "changed the owner of", trace.OpUtime: "changed the times of",
	trace.OpXattr: "changed attributes of", trace.OpExecute: "executed", trace.OpMapExec: "mapped for execution",
	trace.OpBind: "bound a socket to", trace.OpConnect: "connected to", trace.OpStat: "looked at",
	trace.OpAskRead: "asked whether it may read", trace.OpAskWrite: "asked whether it may write", trace.OpAskExecute: "asked whether it may execute",
	trace.OpChdir: "went to", trace.OpWatch: "watched", trace.OpMount: "mounted on", trace.OpList: "listed",
	trace.OpIoctl: "used ioctl on",
}

func fileWords(f *trace.File) string {
	verb := deeds[f.Op]
	if verb == "" {
		verb = "did " + systemd.Printable(string(f.Op)) + " on"
	}
	text := verb + " " + systemd.Printable(string(f.Path))
	if f.Partial {
		text += " (only the end of its path is known)"
	}
	if f.Given != "" && f.Given != f.Path {
		text += " (given as " + systemd.Printable(string(f.Given)) + ")"
	}
	if f.Op == trace.OpExecute {
		text += gives(f)
	}
	return text
}

// gives says what a file gives the program that it is.
func gives(f *trace.File) string {
	text := ""
	if w := f.Owner; w != nil {
		for _, bit := range []struct {
			mode, id uint32
			name     string
		}{{0o4000, w.UID, "user"}, {0o2000, w.GID, "group"}} {
			if w.Mode&bit.mode != 0 {
				text += fmt.Sprintf(", which has the set-%s-ID bit of %s %d", bit.name, bit.name, bit.id)
			}
		}
	}
	switch {
	case f.Carries != nil && len(f.Carries.Permitted) > 0:
		text += ", which carries " + systemd.Printable(strings.Join(f.Carries.Permitted, " "))
	case f.Carries == nil && f.FileCaps:
		text += ", which carries capabilities"
	}
	return text
}

func addressWords(a *trace.Address) string {
	verb := map[trace.AddressOp]string{trace.AddressBind: "bound", trace.AddressListen: "listened on",
		trace.AddressConnect: "connected to", trace.AddressSend: "sent to", trace.AddressAccept: "accepted a connection from"}[a.Op]
	if verb == "" {
		verb = "did " + systemd.Printable(string(a.Op)) + " with"
	}
	switch {
	case a.Abstract != "":
		return verb + " the abstract socket @" + systemd.Printable(string(a.Abstract))
	case a.IP == "" && a.Op == trace.AddressListen && a.Port != 0:
		return fmt.Sprintf("%s port %d of %s", verb, a.Port, systemd.Printable(a.Family))
	case a.IP != "" && a.Op == trace.AddressAccept: // the port is anybody's
		return verb + " " + systemd.Printable(a.IP)
	case a.IP != "":
		return fmt.Sprintf("%s %s port %d", verb, systemd.Printable(a.IP), a.Port)
	}
	return verb + " a socket of " + systemd.Printable(a.Family)
}
