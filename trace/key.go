// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
)

// Key returns what makes the observation the one it is: the same string for two
// observations of the same fact, whatever their counts, times, examples and
// stacks. Keys sort by kind, then by what was done, then by who did it.
func (o *Observation) Key() string {
	k := key(make([]byte, 0, 192))
	k.kind(o.Kind)
	k.fact(o)
	k.text(string(o.Outcome))
	k.actor(&o.Actor)
	if o.unknown != nil {
		// A map of JSON that was read from JSON marshals, with its keys sorted.
		unknown, _ := json.Marshal(o.unknown)
		k = append(k, unknown...)
	}
	return string(k)
}

// key is an encoding of values that sorts as they do.
type key []byte

// text adds a string with an end that no string contains.
func (k *key) text(s string) {
	for {
		before, after, found := strings.Cut(s, "\x00")
		*k = append(*k, before...)
		if !found {
			*k = append(*k, 0, 1)
			return
		}
		*k = append(*k, 0, 2)
		s = after
	}
}

// kind adds a kind in the order of Kinds, those of newer versions after all.
func (k *key) kind(kind Kind) {
	place := slices.Index(kinds, kind)
	if place < 0 {
		place = len(kinds)
	}
	*k = append(*k, byte(place))
	k.text(string(kind))
}

var kinds = Kinds()

func (k *key) number(n uint64) { *k = binary.BigEndian.AppendUint64(*k, n) }

func (k *key) flag(b bool) {
	if b {
		*k = append(*k, 1)
		return
	}
	*k = append(*k, 0)
}

func (k *key) fact(o *Observation) {
	switch {
	case o.Syscall != nil:
		k.syscall(o.Syscall)
	case o.Capability != nil:
		k.capability(o.Capability)
	case o.File != nil:
		k.file(o.File)
	case o.Address != nil:
		k.address(o.Address)
	case o.Signal != nil:
		k.number(uint64(o.Signal.Number))
		k.number(uint64(o.Signal.UID))
		k.text(string(o.Signal.Exe))
	case o.IOUring != nil:
		k.text(o.IOUring.Op)
		k.number(uint64(o.IOUring.Number))
	case o.Move != nil:
		k.text(string(o.Move.Cgroup))
		k.flag(o.Move.In)
	}
}

func (k *key) actor(a *Actor) {
	k.text(string(a.Phase))
	k.text(a.Line)
	k.text(string(a.Exe))
	k.number(uint64(a.UID))
	k.number(uint64(a.GID))
	k.flag(a.Privileged)
}

func (k *key) syscall(s *Syscall) {
	k.text(s.ABI)
	k.text(s.Name)
	k.number(uint64(s.Number))
	for _, arg := range s.Args {
		k.text(arg.Name)
		k.number(uint64(arg.Index))
		k.number(arg.Value)
	}
	k.flag(s.Filtered)
}

func (k *key) capability(c *Capability) {
	k.text(c.Name)
	k.text(c.ABI)
	k.text(c.Syscall)
	k.text(string(c.Result))
	k.flag(c.ForeignNS)
	k.flag(c.Overridden)
	k.flag(c.Audited != nil)
	k.flag(c.Audited != nil && *c.Audited)
	k.flag(c.Asked)
}

func (k *key) file(f *File) {
	k.text(string(f.Path))
	k.text(string(f.Op))
	k.text(string(f.Given))
	k.text(string(f.Peer))
	k.flag(f.Partial)
	k.flag(f.Chroot)
	k.flag(f.Unlinked)
	k.flag(f.Folded)
	k.number(uint64(f.Request))
	if f.Op == OpExecute {
		k.description(f)
	}
}

// description adds what a file is, as it was when it was looked at: the recorder looks
// up names after the operation, when the file may be another one, or gone. That is no
// part of the fact, but for a program, which is executed as what it is.
func (k *key) description(f *File) {
	k.text(string(f.Type))
	k.text(f.FS)
	k.text(f.Dev)
	k.owner(f.Owner)
	k.owner(f.Parent)
	k.flag(f.FileCaps)
	k.fileCapabilities(f.Carries)
	k.text(string(f.Interpreter))
	k.text(string(f.InterpreterGiven))
}

func (k *key) owner(o *Owner) {
	k.flag(o != nil)
	if o != nil {
		k.number(uint64(o.UID))
		k.number(uint64(o.GID))
		k.number(uint64(o.Mode))
		k.text(string(o.ACL))
		k.text(string(o.DefaultACL))
	}
}

func (k *key) address(a *Address) {
	k.text(string(a.Op))
	k.text(a.Family)
	k.text(a.Type)
	k.number(uint64(a.Protocol))
	k.text(a.IP)
	k.number(uint64(a.Port))
	k.flag(a.Asked0)
	k.flag(a.V6Only)
	k.text(string(a.Abstract))
	k.number(uint64(a.Interface))
}
