// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"
)

// EventKind says what an Event tells.
type EventKind uint8

// The kinds of events.
const (
	EventActor   = EventKind(sbxSbxEventKindSBX_EVENT_ACTOR)   // a new actor: Who, Path is the executable's
	EventCommand = EventKind(sbxSbxEventKindSBX_EVENT_COMMAND) // systemd started a command: Who, Given is its argv
	EventFile    = EventKind(sbxSbxEventKindSBX_EVENT_FILE)
	EventAddress = EventKind(sbxSbxEventKindSBX_EVENT_ADDRESS)
	EventSignal  = EventKind(sbxSbxEventKindSBX_EVENT_SIGNAL)
	EventMove    = EventKind(sbxSbxEventKindSBX_EVENT_MOVE)
	// EventUnit tells of a service of a watched slice, before anything it does: its
	// number is in Who.Unit, its name is Given.
	EventUnit = EventKind(sbxSbxEventKindSBX_EVENT_UNIT)
	// eventEntries asks for the programs at the entry of calls; it is not handed on.
	eventEntries = EventKind(sbxSbxEventKindSBX_EVENT_ENTRIES)
)

// Event is something that the kernel side saw for the first time.
type Event struct {
	Kind EventKind
	// Time is in nanoseconds since boot.
	Time uint64
	// PID is the process, in the recorder's PID namespace; 0 outside of it.
	PID uint32
	// MountNS is the inode number of the process's mount namespace, and Root
	// tells different roots in one apart.
	MountNS uint32
	Root    uint64
	// Actor is who did it; 0 is nobody that is watched.
	Actor uint32
	Who   Who

	// Again tells the event from others, and finds it in State.Again.
	Again Key
	Op    Op
	Errno uint16
	Flags uint32
	// ByName is set when Given was not opened: it is relative to Path.
	ByName bool
	// Given is the name as the program gave it, an argv with its NULs, a socket
	// address, or the path of a cgroup.
	Given []byte
	// NoName is set when there was a given name and it could not be read.
	NoName bool
	Path   Path
	// Peer is the other name of a rename or link.
	Peer []byte
	// Base is the directory that Given is relative to, or that Peer is if there is
	// one; "" if it is Path, or not known.
	Base string
	// Opened are the modes of an open file.
	Opened FileMode

	File, Parent Inode
	Socket       Socket
	// Target is the process that a signal was sent to, and TargetUID its real
	// user; Given it is as the sender numbers it when Path is empty.
	Target    uint32
	TargetUID uint32
	// In is set for a task that came into a unit; Threads when more than one
	// thread moved.
	In, Threads bool
}

// Who is the identity of an actor.
type Who struct {
	// Unit is the unit's index in Start's argument.
	Unit uint16
	// Command stands for the command line that systemd started; 0 is unknown.
	Command  uint64
	UID, GID uint32
	// Service is set from the exec of the unit's own command on.
	Service bool
}

// Key is what makes one event another one than those before it.
type Key struct{ k sbxSbxFileKey }

// Path is where something is in the mount namespace of the process.
type Path struct {
	// Name is absolute. When Partial is set it is the known end only.
	Name    string
	Partial bool
	// Root is the process's own root directory in the mount namespace: "/" for
	// one that is not in a chroot, "" when it was not on the way.
	Root string
	// Detached is set for what is mounted nowhere: pipes, sockets, memfds.
	Detached bool
	// Unlinked is set for a file that has no name any more, or never had one.
	Unlinked bool
	// Folded is set when the last component stands for so many names in its directory
	// that the kernel side has stopped telling them apart.
	Folded bool
}

// FileMode is how a file was opened.
type FileMode struct{ Read, Write, PathOnly, Created bool }

// The kernel's FMODE_* bits.
const (
	fmodeRead    = 1
	fmodeWrite   = 2
	fmodePath    = 0x4000
	fmodeCreated = 0x100000
)

// Inode describes a file. Mode 0 is unknown.
type Inode struct {
	Magic    uint32 // of the file system; of a Parent it is not told
	Mode     uint32
	UID, GID uint32
	// Major and Minor are those of a device node.
	Major, Minor uint32
}

// Socket describes the socket that an address was used with.
type Socket struct {
	Family, Type, Protocol uint16
	// Port is what it is bound to, in host order.
	Port   uint16
	V6Only bool
}

var errShortEvent = errors.New("the kernel sent an event that is cut short")

// kindOf is the kind of a record of the ring buffer.
func kindOf(raw []byte) EventKind {
	if len(raw) == 0 {
		return 0
	}
	return EventKind(raw[0])
}

// decodeEvent reads one record of the ring buffer.
func decodeEvent(raw []byte, e *Event) error {
	var head sbxSbxEvent
	size := int(unsafe.Sizeof(head))
	if len(raw) < size {
		return errShortEvent
	}
	if _, err := binary.Decode(raw[:size], binary.NativeEndian, &head); err != nil {
		return fmt.Errorf("reading an event: %w", err)
	}
	data := raw[size:]
	if len(data) < int(head.Given)+int(head.Walked)+int(head.Based)+int(head.Peer) || head.RootAt > head.Walked {
		return errShortEvent
	}
	*e = Event{
		Kind: EventKind(head.Kind), Time: head.Time, PID: head.Tgid, MountNS: head.MntNs, Root: head.Root,
		Actor: head.Key.Actor,
		Who:   whoOf(&head.Actor),
		Again: Key{head.Key}, Op: Op(head.Key.Op), Errno: head.Key.Err, Flags: uint32(head.Key.Flags),
		ByName: sbxSbxHow(head.Key.How)&^sbxSbxHowSBX_FOLDED == sbxSbxHowSBX_BY_NAME,
		Given:  slices.Clone(data[:head.Given]),
		NoName: head.Path&pathNoName != 0,
		Opened: FileMode{head.F_mode&fmodeRead != 0, head.F_mode&fmodeWrite != 0, head.F_mode&fmodePath != 0, head.F_mode&fmodeCreated != 0},
		File:   Inode{head.FsMagic, head.Mode, head.Uid, head.Gid, head.Rdev >> 20, head.Rdev & (1<<20 - 1)},
		Parent: Inode{Mode: head.ParentMode, UID: head.ParentUid, GID: head.ParentGid},
		Socket: Socket{head.Socket.Family, head.Socket.Type, head.Socket.Protocol, head.Socket.Port, head.Socket.V6Only != 0},
		Target: head.Target, TargetUID: head.Uid,
		In: head.In != 0, Threads: head.Threads != 0,
	}
	if e.Kind == EventFile || e.Kind == EventMove || e.Kind == EventUnit {
		e.Given = bytes.TrimSuffix(e.Given, []byte{0})
	}
	rest := data[int(head.Given)+int(head.Walked):]
	if head.Based > 0 || head.Peer > 0 {
		e.Base = joinReversed(rest[:head.Based])
	}
	e.Peer = bytes.TrimSuffix(slices.Clone(rest[int(head.Based):int(head.Based)+int(head.Peer)]), []byte{0})
	e.Path = decodePath(data[head.Given:head.Given+head.Walked], int(head.RootAt), head.Path)
	return nil
}

func whoOf(k *sbxSbxActorKey) Who {
	return Who{Unit: k.Unit, Command: k.Command, UID: k.Uid, GID: k.Gid,
		Service: sbxSbxPhase(k.Phase) == sbxSbxPhaseSBX_PHASE_SERVICE}
}

// The bits of sbx_event.path.
const (
	pathPartial  = 1
	pathDetached = 2
	pathUnlinked = 4
	pathOutside  = 8
	pathNoName   = 16
	pathFolded   = 32
)

// decodePath turns the names from a path's end up to the root into a Path; the
// process's root lies below after rootAt bytes.
func decodePath(walked []byte, rootAt int, flags uint8) Path {
	p := Path{
		Name:     joinReversed(walked),
		Partial:  flags&pathPartial != 0,
		Detached: flags&pathDetached != 0,
		Unlinked: flags&pathUnlinked != 0,
		Folded:   flags&pathFolded != 0,
	}
	if flags&pathOutside == 0 {
		p.Root = joinReversed(walked[rootAt:])
	}
	return p
}

func joinReversed(names []byte) string {
	parts := strings.Split(string(bytes.TrimSuffix(names, []byte{0})), "\x00")
	slices.Reverse(parts)
	return "/" + strings.Join(parts, "/")
}

// Actor is who did it.
func (k Key) Actor() uint32 { return k.k.Actor }

// Directory is a directory in which an actor does something to many names.
type Directory struct{ k sbxSbxDirectoryKey }

// Directory is what the key of an event whose path is Folded stands for.
func (k Key) Directory() Directory {
	return Directory{sbxSbxDirectoryKey{Actor: k.k.Actor, Err: k.k.Err, Op: k.k.Op,
		How: k.k.How &^ uint8(sbxSbxHowSBX_FOLDED), Object: k.k.Object, Name: k.k.Name, Flags: k.k.Flags}}
}

// Folded tells whether the event stands for any name in a directory.
func (k Key) Folded() bool { return k.k.How&uint8(sbxSbxHowSBX_FOLDED) != 0 }
