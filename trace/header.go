// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"encoding/json"
	"time"
)

// Format is the first field of every trace's header; MajorVersion is the
// version that this package reads and writes.
const (
	Format       = "sbxprof-trace"
	MajorVersion = 1
)

// Header says where, when, with which sources and how completely a trace was
// recorded.
type Header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Recorder is the program that wrote it: "sbxprof 0.1.0".
	Recorder string `json:"recorder,omitempty"`
	Unit     Unit   `json:"unit"`
	Host     Host   `json:"host"`

	Begin time.Time `json:"begin"`
	End   time.Time `json:"end"`
	// Checkpoint is set when the file was written on the way: the recorder
	// ended without closing it.
	Checkpoint bool `json:"checkpoint,omitempty"`

	// Starts counts the starts of the unit's main command that were seen from
	// their first instruction on. Without one the trace is incomplete.
	Starts int `json:"starts"`
	// Sources are what could be asked, and what could not.
	Sources []Source `json:"sources"`
	// Losses are what was seen and then lost, or could not be kept.
	Losses []Loss `json:"losses"`
	// Uncounted is how many operations there was no room to count again: each is in the
	// trace, and counted once at least.
	Uncounted uint64 `json:"uncounted,omitempty"`
	// Peaks are the most that the unit used at once, as its cgroup and /proc tell.
	Peaks *Peaks `json:"peaks,omitempty"`
	// Footprint is what recording took; nil if that is not known, and in a merged
	// trace, where Runs have it.
	Footprint *Footprint `json:"footprint,omitempty"`
	// OpenAtBegin are the files that the unit's processes had open already when
	// recording began; their paths were never seen being opened.
	OpenAtBegin []Path `json:"open_at_begin,omitempty"`
	// Mentions are the lines of files the unit read that name a path it wrote:
	// where an administrator would change it.
	Mentions []Mention `json:"mentions,omitempty"`
	// Names are how many names there were in the directories of the root and of /var; in
	// a merged trace, those of the newest run.
	Names []NameCount `json:"names,omitempty"`
	// Run is the random id of the training run (NewRunID), by which a run that
	// is merged twice is counted once; "" in a trace that was merged from several.
	Run string `json:"run,omitempty"`
	// Runs are the headers of the training runs that this trace was merged from;
	// nil for one run. Merged is their number.
	Runs   []Header `json:"runs,omitempty"`
	Merged int      `json:"merged,omitempty"`

	unknown map[string]json.RawMessage
}

// Unit is the unit that was watched, as it was configured then.
type Unit struct {
	// Name is the unit's full name, with its suffix: "lighttpd.service"; "" when
	// a command without a unit was recorded.
	Name string `json:"name"`
	// Fragment and DropIns are the unit's files.
	Fragment Path   `json:"fragment,omitempty"`
	DropIns  []Path `json:"drop_ins,omitempty"`
	// Settings are the lines of the unit's [Service] section with those of its
	// drop-ins appended, in order, as systemd reads them (continuation lines
	// joined, comments removed).
	Settings []Setting `json:"settings,omitempty"`
	// Commands are the unit's Exec lines.
	Commands []Command `json:"commands,omitempty"`
	// Sockets are the socket units that start the unit, and hand their sockets to it.
	Sockets []string `json:"sockets,omitempty"`
	// Early is set for a unit with DefaultDependencies=no.
	Early bool `json:"early,omitempty"`
	// Users and Groups name the ids that occur in the trace, as the unit's
	// system does.
	Users  map[uint32]string `json:"users,omitempty"`
	Groups map[uint32]string `json:"groups,omitempty"`
	// Members are the supplementary groups of each user in Users.
	Members map[uint32][]uint32 `json:"members,omitempty"`
}

// Peaks are the most that a unit used at once; 0 is unknown.
type Peaks struct {
	Tasks uint64 `json:"tasks,omitempty"`
	// Memory is in bytes: as the cgroup counts it, with the page cache, or where it does
	// not, what the processes had in memory.
	Memory uint64 `json:"memory,omitempty"`
	// OpenFiles is of one process.
	OpenFiles uint64 `json:"open_files,omitempty"`
}

// Footprint is the memory that recording took at most, in bytes. It does not grow with
// the number of events.
type Footprint struct {
	// Kernel is that of the recorder's maps in the kernel, Process that of the
	// recorder's process.
	Kernel  uint64 `json:"kernel"`
	Process uint64 `json:"process"`
}

// Mention is a line of a file that the unit read, or that administers it, and that
// names a path which the unit wrote.
type Mention struct {
	Path Path `json:"path"`
	// As is how the line spells the path, when that is another way: through
	// /var/run, or with a variable ("/run/$NAME.pid").
	As   string `json:"as,omitempty"`
	File Path   `json:"file"`
	// Line is the line's number, from 1 on; Text is the line.
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Setting is one assignment of a unit file.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Command is one Exec line of a unit.
type Command struct {
	// Line is the setting: "ExecStart", "ExecStartPre", "ExecReload", …
	Line string `json:"line"`
	// Argv is the command as systemd understood it (prefixes removed,
	// variables not expanded).
	Argv []string `json:"argv"`
	// Program is the file that Argv[0] leads to, if that is by symbolic links.
	Program Path `json:"program,omitempty"`
	// Prefix are the special characters before it, as in "-+".
	Prefix string `json:"prefix,omitempty"`
	// Runs counts how often it was seen to run.
	Runs int `json:"runs"`
}

// Host is the machine on which a trace was recorded.
type Host struct {
	// Systemd is the version as systemd tells it, with distribution suffix:
	// "252.39-1~deb12u2". Features is the line of features of `systemctl
	// --version`: "+PAM +AUDIT … -BPF_FRAMEWORK".
	Systemd  string `json:"systemd"`
	Features string `json:"features,omitempty"`
	// Kernel is the release, as uname -r prints it; Arch the machine, as
	// uname -m prints it.
	Kernel string `json:"kernel"`
	Arch   string `json:"arch"`
	// Libc is name and version of the C library that the recorded host uses:
	// "glibc 2.36"; "" if unknown.
	Libc string `json:"libc,omitempty"`
	// OS is PRETTY_NAME of os-release.
	OS string `json:"os,omitempty"`
	// UnprivilegedPort is the first port that needs no capability to bind
	// (net.ipv4.ip_unprivileged_port_start); nil is unknown (1024).
	UnprivilegedPort *uint16 `json:"unprivileged_port,omitempty"`
	// MergedUsr is set when /bin, /lib and /sbin are links into /usr.
	MergedUsr bool `json:"merged_usr,omitempty"`
	// SELinux is set when SELinux is in use.
	SELinux bool `json:"selinux,omitempty"`
}

// NameCount is how many names there are in a directory.
type NameCount struct {
	Directory Path `json:"directory"`
	Names     int  `json:"names"`
}

// Source is one way to see what the unit does.
type Source struct {
	// Name says what it sees: "syscalls", "capabilities", "files", "io_uring".
	Name string `json:"name"`
	// Via is the hook that was used: "tp_btf/sys_exit"; "" if there was none.
	Via string `json:"via,omitempty"`
	// Missing says why there was none; "" if there was.
	Missing string `json:"missing,omitempty"`
	// Hides says what a missing source keeps from being seen.
	Hides string `json:"hides,omitempty"`
	// Needed is set when a trace without this source is incomplete.
	Needed bool `json:"needed,omitempty"`
}

// Loss counts what was lost for one reason.
type Loss struct {
	// Reason is one of the recorder's words for it: "ring_full", "map_full", …
	Reason string `json:"reason"`
	Count  uint64 `json:"count"`
	// Hides says what is not in the trace because of it.
	Hides string `json:"hides,omitempty"`
}
