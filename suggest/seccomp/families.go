// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"slices"
	"strings"
)

// AlwaysNeeded returns the calls that any process makes sooner or later and that a
// trace hardly shows: they are made by the kernel's own code on the way back from
// a signal or a stop, or never return.
func AlwaysNeeded() []string {
	return []string{"exit", "exit_group", "restart_syscall", "rt_sigreturn", "sigreturn"}
}

// Family returns the calls that do what the named one does, itself among them,
// sorted: another version of the C library, or another build of the program, may
// use any of them instead.
func Family(name string) []string {
	members := []string{name}
	for _, family := range families {
		if calls := strings.Fields(family); slices.Contains(calls, name) {
			members = append(members, calls...)
		}
	}
	members = append(members, strings.Fields(multiplexed[name])...)
	slices.Sort(members)
	return slices.Compact(members)
}

// families are calls of which a C library picks one. Which it picks depends on
// its version, on the kernel that it was built for and on the ABI: newer ABIs
// have the later ones alone, 32-bit ABIs have one more for wide ids, offsets and
// times.
var families = []string{
	// Files by name
	"open openat openat2 creat",
	"stat lstat fstat newfstatat statx stat64 lstat64 fstat64 fstatat64",
	"statfs statfs64",
	"fstatfs fstatfs64",
	"access faccessat faccessat2",
	"chmod fchmodat fchmodat2",
	// Who may give away what he has open may give away what he can name: a service that
	// does so with one of them does it with another where it starts for the first time.
	"chown lchown fchownat chown32 lchown32 fchown fchown32",
	"rename renameat renameat2",
	"mkdir mkdirat",
	"mknod mknodat",
	"unlink rmdir unlinkat",
	"link linkat",
	"symlink symlinkat",
	"readlink readlinkat",
	"utime utimes futimesat utimensat utimensat_time64",
	"truncate truncate64",
	"umount umount2",
	// util-linux 2.39 mounts by the calls of Linux 5.2.
	"mount fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr",

	// Files by descriptor
	"dup dup2 dup3",
	"pipe pipe2",
	"eventfd eventfd2",
	"signalfd signalfd4",
	"inotify_init inotify_init1",
	"epoll_create epoll_create1",
	"epoll_wait epoll_pwait epoll_pwait2",
	"poll ppoll ppoll_time64",
	"select _newselect pselect6 pselect6_time64",
	"getdents getdents64 readdir",
	"lseek _llseek",
	"ftruncate ftruncate64",
	"fcntl fcntl64",
	"sendfile sendfile64",
	"preadv preadv2",
	"pwritev pwritev2",
	"fadvise64 fadvise64_64 arm_fadvise64_64",
	"sync_file_range sync_file_range2 arm_sync_file_range",
	"io_getevents io_pgetevents io_pgetevents_time64",
	"io_uring_setup io_uring_enter io_uring_register",

	// Sockets
	"accept accept4",
	"send sendto",
	"recv recvfrom",
	"sendmsg sendmmsg",
	"recvmsg recvmmsg recvmmsg_time64",

	// Processes and threads
	"fork vfork clone clone3",
	"wait4 waitid waitpid",
	"tkill tgkill",
	"getpgrp getpgid",
	"nice setpriority",
	"getrlimit ugetrlimit prlimit64",
	"setrlimit prlimit64",
	// glibc 2.35 registers rseq at the start of each thread, 2.36 asks for
	// random numbers at the start of a process.
	"set_tid_address set_robust_list rseq getrandom",
	"futex futex_time64",
	"init_module finit_module",

	// Memory
	"mmap mmap2",

	// Signals and time
	"signal sigaction rt_sigaction",
	"sigprocmask rt_sigprocmask",
	"sigpending rt_sigpending",
	"sigsuspend rt_sigsuspend",
	"rt_sigtimedwait rt_sigtimedwait_time64",
	"alarm setitimer",
	"pause ppoll ppoll_time64",
	"time gettimeofday clock_gettime clock_gettime64",
	"clock_getres clock_getres_time64",
	"nanosleep clock_nanosleep clock_nanosleep_time64",
	// glibc 2.31 sets the clock by clock_settime and clock_adjtime alone.
	"stime settimeofday clock_settime clock_settime64",
	"adjtimex clock_adjtime clock_adjtime64",
	"timer_gettime timer_gettime64",
	"timer_settime timer_settime64",
	"timerfd_gettime timerfd_gettime64",
	"timerfd_settime timerfd_settime64",
	"sched_rr_get_interval sched_rr_get_interval_time64",
	"semop semtimedop semtimedop_time64",
	"mq_timedsend mq_timedsend_time64",
	"mq_timedreceive mq_timedreceive_time64",

	// Identity
	"getuid getuid32",
	"getgid getgid32",
	"geteuid geteuid32",
	"getegid getegid32",
	"getresuid getresuid32",
	"getresgid getresgid32",
	"getgroups getgroups32",
	"setuid setuid32",
	"setgid setgid32",
	"setreuid setreuid32",
	"setregid setregid32",
	"setresuid setresuid32",
	"setresgid setresgid32",
	"setfsuid setfsuid32",
	"setfsgid setfsgid32",
	"setgroups setgroups32",
}

// multiplexed are the calls that i386 makes through one number. A C library that
// has the calls themselves (Linux 4.3 and 5.1) uses those.
var multiplexed = map[string]string{
	"socketcall": "socket bind connect listen accept4 getsockname getpeername socketpair sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg recvmmsg sendmmsg",
	"ipc":        "semget semctl semtimedop_time64 msgget msgctl msgrcv msgsnd shmget shmctl shmat shmdt",
}
