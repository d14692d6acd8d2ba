// SPDX-License-Identifier: Apache-2.0

package bpf

import "golang.org/x/sys/unix"

// calls are the system calls of which more is recorded than that they were made.
// Names that differ between ABIs (chown32, stat64) take the same arguments.
var calls = merge(factCalls, openCalls, nameCalls, fileCalls, socketCalls)

// abiCalls are those whose arguments are other ones in one ABI.
var abiCalls = map[string]call{
	// The old mmap of i386 takes a pointer to its arguments.
	"i386 mmap": plain(mem("prot", 0, 8, protBits)),
	// 32-bit ABIs pass a 64-bit mask in two registers.
	"i386 fanotify_mark": byNameAt(OpWatch, 4, 5),
	"arm fanotify_mark":  byNameAt(OpWatch, 4, 5),
	// clone with the arguments of CONFIG_CLONE_BACKWARDS has its flags first, too.
}

const (
	all       = 0xffffffff
	protBits  = unix.PROT_READ | unix.PROT_WRITE | unix.PROT_EXEC
	setIDBits = unix.S_ISUID | unix.S_ISGID
	typeBits  = unix.S_IFMT | setIDBits
	// The low byte of clone's flags is a signal: CLONE_NEWTIME cannot be given.
	cloneBits   = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
	unshareBits = cloneBits | unix.CLONE_NEWTIME
	sockType    = 0xf // without SOCK_CLOEXEC and SOCK_NONBLOCK
	shmExec     = 0o100000
	createBits  = unix.O_CREAT | tmpFile
	tmpFile     = 0o20000000 // __O_TMPFILE, which Go's O_TMPFILE combines with O_DIRECTORY
	openBits    = unix.O_ACCMODE | createBits | unix.O_EXCL | unix.O_TRUNC | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_PATH
)

// factCalls have arguments that decide something, and do nothing with files.
var factCalls = map[string]call{
	"exit exit_group":        {when: sbxSbxWhenSBX_NEVER_RETURNS},
	"rt_sigreturn sigreturn": {when: sbxSbxWhenSBX_EXIT_UNSEEN},

	"socket socketpair": plain(reg("family", 0, all), reg("type", 1, sockType), reg("protocol", 2, all)),
	"setsockopt":        plain(reg("level", 1, all), reg("optname", 2, all)),
	// i386: the call's arguments are behind a pointer; only socket and socketpair begin
	// with a family.
	"socketcall": {facts: []Fact{reg("call", 0, all), mem("family", 1, 0, all), mem("type", 1, 4, sockType)}, ifFirst: []uint{1, 8}},
	"ipc":        plain(reg("call", 0, 0xffff)),

	"personality":        plain(reg("persona", 0, all)),
	"sched_setscheduler": plain(reg("policy", 1, all)),
	"sched_setattr":      plain(mem("policy", 1, 4, all)),
	"clone":              plain(reg("flags", 0, cloneBits)),
	"clone3":             plain(mem("flags", 0, 0, unshareBits)),
	"unshare":            plain(reg("flags", 0, unshareBits)),
	"setns":              plain(reg("nstype", 1, all)),

	"mprotect pkey_mprotect": plain(reg("prot", 2, protBits)),
	"shmat":                  plain(reg("shmflg", 2, shmExec)),
	"mlockall":               plain(reg("flags", 0, all)),
	"memfd_create":           plain(reg("flags", 1, all)),
	"userfaultfd":            plain(reg("flags", 0, all)),

	"umask":                           plain(reg("mask", 0, 0o777)),
	"setuid setgid setuid32 setgid32": plain(reg("id", 0, all)),
	"setfsuid setfsgid setfsuid32 setfsgid32":     plain(reg("id", 0, all)),
	"setreuid setregid setreuid32 setregid32":     plain(reg("rid", 0, all), reg("eid", 1, all)),
	"setresuid setresgid setresuid32 setresgid32": plain(reg("rid", 0, all), reg("eid", 1, all), reg("sid", 2, all)),
	"setgroups setgroups32":                       plain(reg("size", 0, all)),
	"capset": plain(mem("effective", 1, 0, all), mem("permitted", 1, 4, all),
		mem("effective_high", 1, 12, all), mem("permitted_high", 1, 16, all)),
	// Of prctl's further arguments some are addresses; these options have none.
	"prctl": {facts: []Fact{reg("option", 0, all), reg("arg2", 1, all)},
		ifFirst: []uint{unix.PR_SET_DUMPABLE, unix.PR_SET_KEEPCAPS, unix.PR_SET_SECCOMP, unix.PR_CAPBSET_READ, unix.PR_CAPBSET_DROP,
			unix.PR_SET_SECUREBITS, unix.PR_SET_CHILD_SUBREAPER, unix.PR_SET_NO_NEW_PRIVS, unix.PR_CAP_AMBIENT}},
	"seccomp":    plain(reg("operation", 0, all)),
	"ptrace":     plain(reg("request", 0, all)),
	"keyctl":     plain(reg("operation", 0, all)),
	"bpf":        plain(reg("cmd", 0, all)),
	"arch_prctl": plain(reg("code", 0, all)),
	"modify_ldt": plain(reg("func", 0, all)),
	"iopl":       plain(reg("level", 0, all)),

	"timer_create timerfd_create":   plain(reg("clockid", 0, all)),
	"clock_settime clock_settime64": plain(reg("clockid", 0, all)),
	"clock_adjtime clock_adjtime64": plain(reg("clockid", 0, all), mem("modes", 1, 0, all)),
	"adjtimex":                      plain(mem("modes", 0, 0, all)),
	"syslog":                        plain(reg("type", 0, all)),
	"reboot":                        plain(reg("cmd", 2, all)),
	"setrlimit":                     plain(reg("resource", 0, all)),
	"prlimit64":                     plain(reg("resource", 1, all)),
	"setpriority":                   plain(reg("which", 0, all)),
	"ioprio_set":                    plain(reg("which", 0, all), reg("ioprio", 2, all)),
	"fanotify_init":                 plain(reg("flags", 0, all)),
	"io_uring_register":             plain(reg("opcode", 1, all)),
	"kill tkill":                    signals(0, 1),
	"tgkill":                        signals(0, 2),
	"rt_sigqueueinfo":               signals(0, 1),
	"rt_tgsigqueueinfo":             signals(0, 2),
}

// openCalls return a descriptor for a name. Their mode matters only for a new file.
var openCalls = map[string]call{
	"open":   opens(noArg, 0, flag(1, openBits)).with(reg("flags", 1, createBits), reg("mode", 2, setIDBits)).only(1, createBits),
	"openat": opens(0, 1, flag(2, openBits)).with(reg("flags", 2, createBits), reg("mode", 3, setIDBits)).only(2, createBits),
	"openat2": opens(0, 1, &Fact{Register: 2, InMemory: true, Mask: openBits}).
		with(mem("flags", 2, 0, createBits), mem("mode", 2, 8, setIDBits)),
	"creat":             opens(noArg, 0, nil).implying(unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC).with(reg("mode", 1, setIDBits)),
	"open_by_handle_at": opens(noArg, noArg, flag(2, openBits)),
}

// nameCalls act on names. Those without flags that follow symbolic links all the
// same follow none in their last component imply AT_SYMLINK_NOFOLLOW.
var nameCalls = map[string]call{
	"mkdir":    byName(OpMkdir, 0).with(reg("mode", 1, setIDBits)).implying(noFollow),
	"mkdirat":  byNameAt(OpMkdir, 0, 1).with(reg("mode", 2, setIDBits)).implying(noFollow),
	"mknod":    byName(OpMknod, 0).with(reg("mode", 1, typeBits)).implying(noFollow),
	"mknodat":  byNameAt(OpMknod, 0, 1).with(reg("mode", 2, typeBits)).implying(noFollow),
	"unlink":   byName(OpUnlink, 0).implying(noFollow),
	"unlinkat": byNameAt(OpUnlink, 0, 1).flagged(2, removeDir).implying(noFollow),
	"rmdir":    byName(OpRmdir, 0).implying(noFollow),

	"rename":    byNames(name{op: OpRenameFrom, dir: noArg}, name{op: OpRenameTo, dir: noArg, arg: 1}).implying(noFollow),
	"renameat":  byNames(name{op: OpRenameFrom, dir: 0, arg: 1}, name{op: OpRenameTo, dir: 2, arg: 3}).implying(noFollow),
	"renameat2": byNames(name{op: OpRenameFrom, dir: 0, arg: 1}, name{op: OpRenameTo, dir: 2, arg: 3}).implying(noFollow).flagged(4, unix.RENAME_EXCHANGE|unix.RENAME_NOREPLACE|unix.RENAME_WHITEOUT),
	"link":      byNames(name{op: OpLinkFrom, dir: noArg}, name{op: OpLinkTo, dir: noArg, arg: 1}).implying(noFollow),
	"linkat":    byNames(name{op: OpLinkFrom, dir: 0, arg: 1}, name{op: OpLinkTo, dir: 2, arg: 3}).flagged(4, unix.AT_SYMLINK_FOLLOW).implying(noFollow),
	"symlink":   byName(OpSymlink, 1).implying(noFollow),
	"symlinkat": byNameAt(OpSymlink, 1, 2).implying(noFollow),

	"truncate truncate64":        byName(OpTruncate, 0),
	"chmod":                      byName(OpChmod, 0).with(reg("mode", 1, setIDBits)),
	"fchmodat":                   byNameAt(OpChmod, 0, 1).with(reg("mode", 2, setIDBits)),
	"fchmodat2":                  byNameAt(OpChmod, 0, 1).with(reg("mode", 2, setIDBits)).flagged(3, noFollow),
	"chown chown32":              byName(OpChown, 0),
	"lchown lchown32":            byName(OpChown, 0).implying(noFollow),
	"fchownat":                   byNameAt(OpChown, 0, 1).flagged(4, noFollow),
	"utime utimes":               byName(OpUtime, 0),
	"futimesat":                  byNameAt(OpUtime, 0, 1),
	"utimensat utimensat_time64": byNameAt(OpUtime, 0, 1).flagged(3, noFollow),
	"setxattr removexattr":       byName(OpXattr, 0),
	"lsetxattr lremovexattr":     byName(OpXattr, 0).implying(noFollow),
	"setxattrat removexattrat":   byNameAt(OpXattr, 0, 1).flagged(2, noFollow),
	"file_setattr":               byNameAt(OpXattr, 0, 1).flagged(4, noFollow),

	"stat stat64 oldstat statfs getxattr listxattr": byName(OpStat, 0),
	"statfs64": byName(OpStat, 0),
	"lstat lstat64 oldlstat readlink lgetxattr llistxattr": byName(OpStat, 0).implying(noFollow),
	"readlinkat":               byNameAt(OpStat, 0, 1).implying(noFollow),
	"newfstatat fstatat64":     byNameAt(OpStat, 0, 1).flagged(3, noFollow),
	"statx":                    byNameAt(OpStat, 0, 1).flagged(2, noFollow),
	"access":                   byName(OpAccess, 0).flagged(1, askable),
	"faccessat":                byNameAt(OpAccess, 0, 1).flagged(2, askable),
	"faccessat2":               byNameAt(OpAccess, 0, 1).flaggedTwice(2, askable|noFollow),
	"getxattrat listxattrat":   byNameAt(OpStat, 0, 1).flagged(2, noFollow),
	"file_getattr":             byNameAt(OpStat, 0, 1).flagged(4, noFollow),
	"name_to_handle_at":        byNameAt(OpStat, 0, 1).implying(noFollow).flagged(4, unix.AT_SYMLINK_FOLLOW),
	"open_tree open_tree_attr": byNameAt(OpStat, 0, 1).flagged(2, noFollow),
	"chdir":                    byKind(sbxSbxCallKindSBX_CALL_CWD, OpChdir, 0),
	"chroot":                   byKind(sbxSbxCallKindSBX_CALL_ROOT, OpChroot, 0),
	"inotify_add_watch":        byName(OpWatch, 1).flagged(2, unix.IN_DONT_FOLLOW),
	"fanotify_mark":            byNameAt(OpWatch, 3, 4),
	"mount":                    byName(OpMount, 1).with(reg("flags", 3, all)),
	"umount umount2":           byName(OpMount, 0),
	"move_mount":               byNameAt(OpMount, 2, 3),
	"mount_setattr":            byNameAt(OpMount, 0, 1),
	"pivot_root":               byName(OpMount, 0),
	"swapon swapoff acct":      byName(OpStat, 0),
	"execve":                   {kind: sbxSbxCallKindSBX_CALL_EXEC, names: []name{{op: OpExecute, dir: noArg, arg: 0}}},
	"execveat":                 {kind: sbxSbxCallKindSBX_CALL_EXEC, names: []name{{op: OpExecute, dir: 0, arg: 1}}},
}

// fileCalls act on open files.
var fileCalls = map[string]call{
	"fchmod":                 byFD(OpChmod, 0).with(reg("mode", 1, setIDBits)),
	"fchown fchown32":        byFD(OpChown, 0),
	"ftruncate ftruncate64":  byFD(OpTruncate, 0),
	"fallocate":              byFD(OpTruncate, 0),
	"fsetxattr fremovexattr": byFD(OpXattr, 0),
	"fgetxattr flistxattr":   byFD(OpStat, 0),
	"fchdir":                 byFD(OpChdir, 0),
	// Only what is mapped executable; with MAP_ANONYMOUS the descriptor means nothing.
	"mmap mmap2": {kind: sbxSbxCallKindSBX_CALL_FD, names: []name{{op: OpMapExec, dir: noArg, arg: 4}},
		facts: []Fact{reg("prot", 2, protBits)}, flags: flag(2, unix.PROT_EXEC), onlyIfFlags: true, skipArg: 3, skipBits: unix.MAP_ANONYMOUS},
	"ioctl": byFD(OpIoctl, 0).with(reg("request", 1, all)).flagged(1, all),
}

// socketCalls name socket addresses.
var socketCalls = map[string]call{
	"bind":           onSocket(sbxSbxCallKindSBX_CALL_ADDRESS, OpBind, 1, 2),
	"connect":        onSocket(sbxSbxCallKindSBX_CALL_ADDRESS, OpConnect, 1, 2),
	"sendto":         onSocket(sbxSbxCallKindSBX_CALL_ADDRESS, OpSend, 4, 5),
	"sendmsg":        onSocket(sbxSbxCallKindSBX_CALL_MESSAGE, OpSend, 1, noArg),
	"sendmmsg":       onSocket(sbxSbxCallKindSBX_CALL_MESSAGES, OpSend, 1, noArg),
	"listen":         onSocket(sbxSbxCallKindSBX_CALL_SOCKET, OpListen, 0, noArg),
	"accept accept4": onSocket(sbxSbxCallKindSBX_CALL_ACCEPT, OpAccept, 0, noArg),
}
