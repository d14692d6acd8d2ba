// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"encoding/json"
	"time"
)

// Phase tells systemd's own work in the unit's cgroup from the service's.
type Phase string

const (
	// PhaseSetup is systemd's own code between fork and the exec of the unit's
	// command: PID 1's image up to v254, systemd-executor from v255 on. It is
	// not subject to the unit's sandbox, and nothing in it is charged to the
	// service.
	PhaseSetup Phase = "setup"
	// PhaseService is everything from the exec of the unit's command on.
	PhaseService Phase = "service"
)

// Actor is who: one executable under one identity, started by one Exec line of
// the unit.
type Actor struct {
	// Exe is the absolute path of the executable, in the unit's mount namespace.
	Exe Path `json:"exe"`
	// UID and GID are the effective ids, in the initial user namespace.
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
	// Line is the setting the actor descends from ("ExecStart",
	// "ExecReload", …); "" when that could not be told, as for processes that
	// ran before recording began.
	Line string `json:"line,omitempty"`
	// Privileged is set for descendants of a command with the "+" prefix,
	// which systemd runs outside the sandbox: they need nothing of it.
	Privileged bool  `json:"privileged,omitempty"`
	Phase      Phase `json:"phase"`
}

// Kind says which of an Observation's facts is set.
type Kind string

// The kinds of observations.
const (
	KindSyscall    Kind = "syscall"
	KindCapability Kind = "capability"
	KindFile       Kind = "file"
	KindAddress    Kind = "address"
	KindSignal     Kind = "signal"
	KindIOUring    Kind = "io_uring"
	KindMove       Kind = "move"
)

// Kinds returns all kinds, in the order in which a trace is written.
func Kinds() []Kind {
	return []Kind{KindSyscall, KindCapability, KindFile, KindAddress, KindSignal, KindIOUring, KindMove}
}

// Outcome is how what was done ended: "ok", the name of an errno ("EACCES"), or
// one of the words below.
type Outcome string

const (
	// OutcomeOK is success.
	OutcomeOK Outcome = "ok"
	// OutcomeUnfinished is a call that was entered and never returned: the
	// last exit_group, or a call that was waiting when the task died or the
	// recording ended.
	OutcomeUnfinished Outcome = "unfinished"
	// OutcomeKilled is a call that a seccomp filter answered with SIGSYS.
	OutcomeKilled Outcome = "killed"
)

// Observation is one distinct fact about a unit.
type Observation struct {
	Kind  Kind  `json:"kind"`
	Actor Actor `json:"actor"`
	// Exactly one of the following is set, as Kind says.
	Syscall    *Syscall    `json:"syscall,omitempty"`
	Capability *Capability `json:"capability,omitempty"`
	File       *File       `json:"file,omitempty"`
	Address    *Address    `json:"address,omitempty"`
	Signal     *Signal     `json:"signal,omitempty"`
	IOUring    *IOUring    `json:"io_uring,omitempty"`
	Move       *Move       `json:"move,omitempty"`

	Outcome Outcome `json:"outcome"`
	// Count is how often it was seen, at least 1. First and Last are when.
	Count uint64    `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Example is one occurrence.
	Example *Example `json:"example,omitempty"`

	// unknown keeps the fields that a newer minor version wrote.
	unknown map[string]json.RawMessage
}

// Example is one occurrence of an observation.
type Example struct {
	// PID is the process (thread group) id, as the recorder's PID namespace
	// numbers it.
	PID uint32 `json:"pid,omitempty"`
}

// Syscall is a system call: its ABI and number, never translated to another
// ABI's, and those facts about its arguments that decide a directive.
type Syscall struct {
	// ABI is the calling convention: "x86_64", "i386", "x32", "aarch64".
	ABI string `json:"abi"`
	// Number is the call's number in that ABI (x32: without bit 30).
	Number int `json:"nr"`
	// Name is the kernel's name for it, "" if this build knows none.
	Name string `json:"name,omitempty"`
	// Args are facts about arguments; calls without any that matter have none.
	Args []Arg `json:"args,omitempty"`
	// Filtered is set when a seccomp filter that was already in force answered
	// the call: the kernel returned from it without ever entering it.
	Filtered bool `json:"filtered,omitempty"`
}

// Arg is a fact about an argument of a system call.
type Arg struct {
	// Name is what the manual calls the argument: "family", "prot", "mode", …
	Name string `json:"name"`
	// Index is the register argument's position, 0 to 5, or -1 for a fact that
	// was read from memory (which seccomp cannot see).
	Index int `json:"i"`
	// Value is the argument, with the bits that decide nothing cleared.
	Value uint64 `json:"v"`
}

// Arg returns the value of the register argument i, and whether it was
// recorded.
func (s *Syscall) Arg(i int) (uint64, bool) {
	for _, a := range s.Args {
		if a.Index == i {
			return a.Value, true
		}
	}
	return 0, false
}

// Fact returns the value of the argument fact of that name, and whether it was
// recorded.
func (s *Syscall) Fact(name string) (uint64, bool) {
	for _, a := range s.Args {
		if a.Name == name {
			return a.Value, true
		}
	}
	return 0, false
}

// Capability is a check for a capability. The observation's Outcome is the
// verdict of the check: "ok" or "EPERM".
type Capability struct {
	// Name is the capability's name: "CAP_NET_BIND_SERVICE".
	Name string `json:"name"`
	// ABI, Syscall and Result are the system call that led to the check, and how
	// that call ended; Syscall is "" when the check happened outside of one.
	ABI     string  `json:"abi,omitempty"`
	Syscall string  `json:"syscall,omitempty"`
	Result  Outcome `json:"result,omitempty"`
	// ForeignNS is set when the capability was asked for in a user namespace
	// other than the initial one: the unit's capabilities do not decide it.
	ForeignNS bool `json:"foreign_ns,omitempty"`
	// Overridden is set when the check used other credentials than the task's
	// own (overlayfs, access(2), …).
	Overridden bool `json:"overridden,omitempty"`
	// Audited tells whether the kernel would have logged a denial; nil when the
	// source cannot tell (the cap_capable tracepoint cannot, Linux 6.14).
	Audited *bool `json:"audited,omitempty"`
	// Asked is set when the process named the capability in a capset(2) call
	// rather than being checked for it.
	Asked bool `json:"asked,omitempty"`
	// Stack is one kernel stack that led to the check, innermost first; it is
	// evidence and no part of the observation's identity.
	Stack []string `json:"stack,omitempty"`
}

// FileOp is what was done to a file.
type FileOp string

// The operations on files.
const (
	OpRead       FileOp = "read"        // opened for reading
	OpWrite      FileOp = "write"       // opened for writing
	OpCreate     FileOp = "create"      // created by open(2) or creat(2)
	OpMkdir      FileOp = "mkdir"       // made a directory
	OpMknod      FileOp = "mknod"       // made a device node, FIFO, socket or file with mknod(2)
	OpRemove     FileOp = "remove"      // unlinked
	OpRmdir      FileOp = "rmdir"       // removed a directory
	OpRenameFrom FileOp = "rename-from" // the old name of a rename
	OpRenameTo   FileOp = "rename-to"   // the new name of a rename
	OpLinkFrom   FileOp = "link-from"   // the existing name of a hard link
	OpLinkTo     FileOp = "link-to"     // the new name of a hard link
	OpSymlink    FileOp = "symlink"     // made a symbolic link
	OpTruncate   FileOp = "truncate"    // truncated by name or descriptor
	OpChmod      FileOp = "chmod"       // changed the mode
	OpChown      FileOp = "chown"       // changed the owner or group
	OpUtime      FileOp = "utime"       // changed times
	OpXattr      FileOp = "xattr"       // set or removed an extended attribute
	OpExecute    FileOp = "execute"     // executed
	OpMapExec    FileOp = "map-exec"    // mapped executable
	OpBind       FileOp = "bind"        // bound an AF_UNIX socket to it
	OpConnect    FileOp = "connect"     // connected or sent to the AF_UNIX socket
	OpStat       FileOp = "stat"        // looked at: stat, readlink, statfs, getxattr, …
	OpAskRead    FileOp = "ask-read"    // asked with access(2) whether it may be read
	OpAskWrite   FileOp = "ask-write"   // asked with access(2) whether it may be written
	OpAskExecute FileOp = "ask-execute" // asked with access(2) whether it may be executed, or searched
	OpChdir      FileOp = "chdir"       // made the working directory or root
	OpWatch      FileOp = "watch"       // watched with inotify or fanotify
	OpMount      FileOp = "mount"       // mounted on, or unmounted
	OpList       FileOp = "list"        // opened a directory for reading
	OpIoctl      FileOp = "ioctl"       // asked a device or file with ioctl(2)
)

// Asks tells whether it was only asked what may be done. Recordings of older versions
// hold OpStat for that.
func (op FileOp) Asks() bool { return op == OpAskRead || op == OpAskWrite || op == OpAskExecute }

// FileType is the kind of object a path leads to.
type FileType string

// The types of files; "" is unknown.
const (
	TypeRegular   FileType = "regular"
	TypeDirectory FileType = "directory"
	TypeCharDev   FileType = "char"
	TypeBlockDev  FileType = "block"
	TypeFIFO      FileType = "fifo"
	TypeSocket    FileType = "socket"
	TypeSymlink   FileType = "symlink"
)

// OtherProcess stands in a Path for the pid of a process that is not the actor
// itself: /proc/[pid]/status. The actor's own is /proc/self.
const OtherProcess = "[pid]"

// File is one operation on one path.
type File struct {
	// Path is absolute, in the unit's mount namespace, with the symbolic links
	// of its directories resolved.
	Path Path   `json:"path"`
	Op   FileOp `json:"op"`
	// Given is the name as the program gave it (made absolute), when it is
	// another one than Path.
	Given Path `json:"given,omitempty"`
	// Peer is the other name of a rename or hard link.
	Peer Path `json:"peer,omitempty"`
	// Partial is set when only the end of the path could be had: Path is then
	// the known end, and must never be used as if it were whole.
	Partial bool `json:"partial,omitempty"`
	// Chroot is set when the process's root is not that of its mount
	// namespace: Path has the root's own path in front of what the program saw.
	Chroot bool `json:"chroot,omitempty"`
	// Unlinked is set for a file that has no name (any more): O_TMPFILE, or
	// deleted while open.
	Unlinked bool `json:"unlinked,omitempty"`
	// Folded is set when the actor did the same to so many names in one directory
	// that the recorder stopped telling them apart: the last component of Path is
	// then "*" and stands for any name there, at any depth.
	Folded bool `json:"folded,omitempty"`

	Type FileType `json:"type,omitempty"`
	// FS is the file system's type by its magic number: "proc", "sysfs",
	// "cgroup2", "tmpfs", "ext", …; "" is unknown.
	FS string `json:"fs,omitempty"`
	// Dev is MAJOR:MINOR of a device node.
	Dev string `json:"dev,omitempty"`
	// Owner and Parent describe the file and its directory when it was seen;
	// nil when that could not be had.
	Owner  *Owner `json:"owner,omitempty"`
	Parent *Owner `json:"parent,omitempty"`
	// FileCaps is set for an executable that carries file capabilities. Carries are
	// those; nil where they are not known, as in older traces.
	FileCaps bool              `json:"file_caps,omitempty"`
	Carries  *FileCapabilities `json:"carries,omitempty"`
	// Interpreter is the script's interpreter or the ELF program interpreter of
	// what was executed; "" if there is none or it is not known.
	Interpreter Path `json:"interpreter,omitempty"`
	// InterpreterGiven is how the file names it, if that is by symbolic links.
	InterpreterGiven Path `json:"interpreter_given,omitempty"`
	// Request is the number of an ioctl.
	Request uint32 `json:"request,omitempty"`
}

// Owner is the owner, group and mode of a file, and its access control list.
type Owner struct {
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
	// Mode is the permission bits including set-id and sticky, as a decimal
	// number. With an access control list, the group's bits are the list's mask.
	Mode uint32 `json:"mode"`
	// ACL is the file's access control list, "" for none; DefaultACL is a directory's
	// for what is made in it. They are those at the end of the recording, where owner
	// and mode were still the same.
	ACL        ACL `json:"acl,omitempty"`
	DefaultACL ACL `json:"default_acl,omitempty"`
}

// AddressOp is what was done with a socket address.
type AddressOp string

// The operations on socket addresses.
const (
	AddressBind    AddressOp = "bind"
	AddressListen  AddressOp = "listen"
	AddressConnect AddressOp = "connect"
	AddressSend    AddressOp = "send" // sendto, sendmsg, sendmmsg with an address
	AddressAccept  AddressOp = "accept"
)

// Address is a socket address that the unit bound, connected or sent to, or
// accepted a connection from. AF_UNIX sockets with a path are File observations;
// those with an abstract name are here.
type Address struct {
	Op AddressOp `json:"op"`
	// Family and Type are the kernel's names: "AF_INET6", "SOCK_STREAM".
	Family   string `json:"family"`
	Type     string `json:"type,omitempty"`
	Protocol uint32 `json:"protocol,omitempty"`
	// IP is the address in its usual notation, of AF_INET and AF_INET6.
	IP string `json:"ip,omitempty"`
	// Port is the port that was bound, or the peer's. Asked0 is set when the
	// program bound port 0: Port is then what the kernel chose.
	Port   uint16 `json:"port,omitempty"`
	Asked0 bool   `json:"asked_0,omitempty"`
	// V6Only is set for an AF_INET6 socket that does not take IPv4 along.
	V6Only bool `json:"v6_only,omitempty"`
	// Abstract is the name of an abstract AF_UNIX socket, without its first NUL.
	Abstract Path `json:"abstract,omitempty"`
	// Interface is the index of the device that an AF_PACKET socket was bound to.
	Interface uint32 `json:"interface,omitempty"`
}

// Signal is a signal sent to a process outside of the unit.
type Signal struct {
	// Number is the signal's number; 0 only asks whether the process exists.
	Number int `json:"nr"`
	// UID is the target's real uid, Exe its executable as far as known.
	UID uint32 `json:"uid"`
	Exe Path   `json:"exe,omitempty"`
}

// IOUring is an operation that was submitted through io_uring, without a system
// call of its own.
type IOUring struct {
	// Op is the kernel's name without its prefix: "openat", "send", "unlinkat".
	Op     string `json:"op"`
	Number uint8  `json:"nr"`
}

// Move is a task that left the unit's cgroup for another one, or came from one.
type Move struct {
	// Cgroup is the other cgroup, relative to the root of the hierarchy as the
	// recorder sees it.
	Cgroup Path `json:"cgroup"`
	// In is set when the task came into the unit.
	In bool `json:"in,omitempty"`
}
