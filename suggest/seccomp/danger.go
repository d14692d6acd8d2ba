// SPDX-License-Identifier: Apache-2.0

package seccomp

import "strings"

// Danger says what an attacker would do with a call, "" for an ordinary one.
func Danger(name string) string { return dangers[name].why }

// Weight is how much worse it is to grant the call without need than an ordinary
// one, which has 1.
func Weight(name string) int { return max(1, dangers[name].weight) }

type danger struct {
	weight int
	why    string
}

var dangers = dangerTable()

func dangerTable() map[string]danger {
	table := map[string]danger{}
	for _, row := range dangerous {
		for _, name := range strings.Fields(row.names) {
			table[name] = danger{row.weight, row.why}
		}
	}
	return table
}

// dangerous is what the kernel's own hardening guides, container runtimes' default
// profiles and past exploits warn of; weights are an order, no measurement.
var dangerous = []struct {
	names  string
	weight int
	why    string
}{
	{"init_module finit_module delete_module create_module", 10, "changes the code of the kernel"},
	{"kexec_load kexec_file_load", 10, "replaces the running kernel"},
	{"bpf", 10, "loads programs into the kernel"},
	{"iopl ioperm", 10, "speaks to hardware past the kernel"},
	{"ptrace process_vm_writev", 10, "takes over other processes"},
	{"process_vm_readv", 8, "reads the memory of other processes"},
	{"pidfd_getfd", 8, "takes open files from other processes"},
	{"open_by_handle_at", 8, "opens files past what the mount namespace shows"},
	{"mount umount umount2 pivot_root fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr mount_setattr", 8, "changes what the file system shows"},
	{"unshare setns", 8, "enters namespaces, where more of the kernel can be attacked"},
	{"userfaultfd", 8, "makes races in the kernel easy to win"},
	{"io_uring_setup io_uring_enter io_uring_register", 8, "does what no filter of system calls sees"},
	{"perf_event_open", 8, "measures the kernel and other processes"},
	{"reboot", 8, "stops the machine"},
	{"vm86 vm86old", 8, "runs 16-bit code in a rarely used part of the kernel"},
	{"keyctl add_key request_key", 7, "reaches the kernel's keyrings, which no namespace divides"},
	{"modify_ldt", 7, "changes segments, a rarely used part of the kernel"},
	{"settimeofday clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex stime", 6, "sets the machine's clock"},
	{"swapon swapoff", 6, "changes the machine's swap space"},
	{"lookup_dcookie", 6, "looks up paths past what the mount namespace shows"},
	{"fanotify_init", 5, "watches the files of the whole machine"},
	{"acct quotactl quotactl_fd", 5, "changes the accounting of the machine"},
	{"mbind move_pages migrate_pages set_mempolicy set_mempolicy_home_node", 5, "moves memory between nodes, also that of other processes"},
	{"chroot", 5, "builds a root directory for programs with the set-user-id bit"},
	{"syslog", 4, "reads the kernel's messages, with its addresses"},
	{"sethostname setdomainname", 4, "renames the machine"},
	{"personality", 4, "turns off protection of the memory layout"},
	{"vmsplice remap_file_pages", 4, "has been the way into the kernel before"},
	{"kcmp", 4, "compares what processes have in the kernel"},
	{"_sysctl nfsservctl uselib sysfs ustat get_kernel_syms query_module afs_syscall tuxcall security vserver putpmsg getpmsg", 4, "is obsolete, and little tested"},
	{"setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32", 3, "changes identity"},
	{"setgroups setgroups32 setfsuid setfsuid32 setfsgid setfsgid32 capset", 3, "changes identity"},
	{"sched_setscheduler sched_setattr sched_setparam ioprio_set setpriority nice", 3, "takes processor or disk time from others"},
	{"name_to_handle_at", 3, "prepares open_by_handle_at"},
	{"lsm_set_self_attr", 3, "changes the security label"},
	{"mlockall mlock mlock2", 2, "keeps memory from being swapped"},
	{"memfd_create", 2, "makes a place for code that no file system check sees"},
}
