// SPDX-License-Identifier: Apache-2.0

package directive

import "github.com/sbxprof/sbxprof/trace"

// MountMode is what a mount that systemd makes for the unit does to the paths at
// and below its own.
type MountMode uint8

// The modes. Of several for one path only the first is mounted (the order of the enum
// in systemd's src/core/namespace.c, v229 to v262); the flags of all of them count.
const (
	Inaccessible MountMode = iota // nothing below can be reached
	Bound                         // another directory is mounted there
	Private                       // a directory of the unit's own, with what it needs
	ReadOnly
	ReadWrite
	NoExec
	Exec
	Emptied  // an empty file system of the unit's own
	Implicit // writable, unless anything else is said of the path
)

// Mount is a mount that systemd makes for the unit.
type Mount struct {
	Path string
	Mode MountMode
	// Sealed is set when what is mounted is read-only itself.
	Sealed bool
	// Keep are the names in a Private directory that systemd puts there again: what
	// is in PrivateDevices='s /dev.
	Keep []string
	// KeepsOwn is set when the unit finds there what it has put there itself, as
	// with PrivateTmp=.
	KeepsOwn bool
	// Apart is set when each command of the unit's has a mount of its own there, so that
	// what ExecStartPre= makes ExecStart= does not find.
	Apart bool
	// Open is set when everybody may write to the directory.
	Open bool
	// Closed is set when only root may search the directory.
	Closed bool
	// Made is set when systemd makes the directory if it is not there.
	Made bool
	// Beside is set when the mount is made beside others only, and is no reason for a
	// mount namespace.
	Beside bool

	source Source
}

// rank orders mounts of one mode at one path: what TemporaryFileSystem= says counts
// before what ProtectHome= does.
func (m *Mount) rank() int {
	if m.source.Directive == "ProtectHome" {
		return 1
	}
	return 0
}

// replaces tells whether the mount brings something of its own.
func (m *Mount) replaces() bool { return m.Mode == Bound || m.Mode == Private || m.Mode == Emptied }

// empties tells whether what was there before is not found any more.
func (m *Mount) empties() bool { return m.Mode == Private || m.Mode == Emptied }

// seals tells whether the mount makes its path read-only.
func (m *Mount) seals() bool { return m.Sealed || m.Mode == ReadOnly }

// View is the unit's file system as the mounts of all its settings make it.
type View struct {
	byPath map[string]*point
	// inside are the directories that mount points are in.
	inside map[string]bool
	// dirs remembers what at found for directories: most files share theirs with
	// many others.
	dirs map[string]place
	// scene knows what the service makes only once it runs.
	scene *Scene
}

// point is a mount point: the mount that is made, and those whose flags it has.
type point struct {
	Mount
	sealed, noExec *Mount
}

// mountsFamily is about what the unit mounts itself. Each directive gives it a mount
// namespace; MountFlags=shared does not (exec_needs_mount_namespace()).
func mountsFamily() Family {
	const denies = "mounting anything for others to see"
	return Family{Name: "PrivateMounts", Directives: []Directive{
		{
			Name: "PrivateMounts", Values: []Value{{"yes", Standard}}, Denies: denies,
			Read: flag(func(*Unit) []Rule { return []Rule{hiddenMounts{}} }),
		},
		{Name: "MountFlags", Denies: denies, Read: readMountFlags},
		{Name: "BindLogSockets", Denies: denies, Read: flag(func(*Unit) []Rule { return []Rule{hiddenMounts{}} })},
	}}
}

func readMountFlags(values []string, _ *Unit) []Rule {
	if flags := last(values); flags != "slave" && flags != "private" {
		return nil
	}
	return []Rule{hiddenMounts{}}
}

// hiddenMounts: what the unit mounts, nobody else sees.
type hiddenMounts struct{}

func (hiddenMounts) Kind() trace.Kind { return trace.KindFile }

func (hiddenMounts) ops() []trace.FileOp { return []trace.FileOp{trace.OpMount} }

func (hiddenMounts) Denies(o *trace.Observation) trace.Outcome {
	if o.File.Op != trace.OpMount || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	return Hidden
}
