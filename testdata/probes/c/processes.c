/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Making processes, looking into them, and sending signals. */
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "probe.h"

/* Ignored by every process that has not asked for it. */
enum { HARMLESS = SIGURG };

OPERATION(fork)
{
	return parent_of(call(SYS_fork));
}

OPERATION(vfork)
{
	long pid = call(SYS_vfork);

	if (pid == 0)
		leave(0); /* this frame is the parent's: nothing of it may be changed */
	return pid < 0 ? pid : reap();
}

OPERATION(clone)
{
	return parent_of(call(SYS_clone, SIGCHLD));
}

OPERATION(clone_thread)
{
	/* With CLONE_VFORK the call returns when the thread has ended. */
	static char stack[256] __attribute__((aligned(16)));
	long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_VFORK;
	long tid;

	__asm__ volatile("syscall; test %%rax, %%rax; jnz 1f; xor %%edi, %%edi; mov %3, %%eax; syscall; 1:"
			 : "=a"(tid)
			 : "0"((long)SYS_clone), "D"(flags), "i"(SYS_exit), "S"(stack + sizeof(stack)), "d"(0L)
			 : "rcx", "r11", "memory");
	return tid;
}

OPERATION(wait4)
{
	return call(SYS_wait4, -1, 0, 0, 0);
}

OPERATION(setsid)
{
	return call(SYS_setsid);
}

OPERATION(getpgid)
{
	return call(SYS_getpgid, 0);
}

OPERATION(personality_query)
{
	return call(SYS_personality, 0xffffffffL);
}

OPERATION(personality_linux)
{
	return call(SYS_personality, PER_LINUX);
}

OPERATION(personality_linux32)
{
	return call(SYS_personality, PER_LINUX32);
}

OPERATION(personality_no_randomize)
{
	return call(SYS_personality, ADDR_NO_RANDOMIZE);
}

OPERATION(ptrace_traceme)
{
	return call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

/* A child that has stopped itself, and that does not outlive its parent. */
static long stopped_child(void)
{
	long pid = TRY(call(SYS_fork));

	if (pid == 0) {
		call(SYS_prctl, 1 /* PR_SET_PDEATHSIG */, SIGKILL);
		call(SYS_kill, call(SYS_getpid), SIGSTOP);
		leave(1);
	}
	TRY(call(SYS_wait4, pid, 0, 2 /* WUNTRACED */, 0));
	return pid;
}

static long end(long pid, long result)
{
	TRY(call(SYS_kill, pid, SIGKILL));
	TRY(call(SYS_wait4, pid, 0, 0x40000000 /* __WALL */, 0));
	return result;
}

OPERATION(ptrace_seize)
{
	long pid = TRY(stopped_child());

	return end(pid, call(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0));
}

OPERATION(ptrace_attach)
{
	long pid = TRY(stopped_child());

	return end(pid, call(SYS_ptrace, PTRACE_ATTACH, pid, 0, 0));
}

OPERATION(ptrace_seize_outside)
{
	/* Seizing does not stop it, and it ends with this process. */
	return call(SYS_ptrace, PTRACE_SEIZE, self.outside, 0, 0);
}

static long copy_memory(long call_number, long pid)
{
	static char from[8], to[8];
	struct iovec local = {to, sizeof(to)}, remote = {from, sizeof(from)};

	return call(call_number, pid, &local, 1, &remote, 1, 0);
}

OPERATION(process_vm_readv)
{
	return copy_memory(SYS_process_vm_readv, TRY(call(SYS_getpid)));
}

OPERATION(process_vm_writev)
{
	return copy_memory(SYS_process_vm_writev, TRY(call(SYS_getpid)));
}

OPERATION(process_vm_readv_outside)
{
	/* There is nothing at this address in it; whether it may be asked decides first. */
	struct iovec nothing = {0, 1};

	return call(SYS_process_vm_readv, self.outside, &nothing, 1, &nothing, 1, 0);
}

OPERATION(kcmp)
{
	long pid = TRY(call(SYS_getpid));

	return call(SYS_kcmp, pid, pid, KCMP_VM, 0, 0);
}

OPERATION(pidfd_open)
{
	return call(SYS_pidfd_open, TRY(call(SYS_getpid)), 0);
}

OPERATION(pidfd_getfd)
{
	long fd = TRY(call(SYS_pidfd_open, TRY(call(SYS_getpid)), 0));

	return call(SYS_pidfd_getfd, fd, fd, 0);
}

OPERATION(pidfd_send_signal)
{
	long fd = TRY(call(SYS_pidfd_open, TRY(call(SYS_getpid)), 0));

	return call(SYS_pidfd_send_signal, fd, HARMLESS, 0, 0);
}

OPERATION(pidfd_send_signal_outside)
{
	long fd = TRY(call(SYS_pidfd_open, self.outside, 0));

	return call(SYS_pidfd_send_signal, fd, HARMLESS, 0, 0);
}

OPERATION(kill_itself)
{
	return call(SYS_kill, TRY(call(SYS_getpid)), HARMLESS);
}

OPERATION(kill_child)
{
	return end(TRY(stopped_child()), 0);
}

OPERATION(kill_init_exists)
{
	return call(SYS_kill, 1, 0);
}

OPERATION(kill_outside)
{
	return call(SYS_kill, self.outside, HARMLESS);
}

OPERATION(kill_outside_exists)
{
	return call(SYS_kill, self.outside, 0);
}

OPERATION(tkill)
{
	return call(SYS_tkill, TRY(call(SYS_gettid)), HARMLESS);
}

OPERATION(tgkill)
{
	long pid = TRY(call(SYS_getpid));

	return call(SYS_tgkill, pid, pid, HARMLESS);
}

OPERATION(tgkill_outside)
{
	return call(SYS_tgkill, self.outside, self.outside, HARMLESS);
}

OPERATION(rt_sigqueueinfo)
{
	long pid = TRY(call(SYS_getpid));
	siginfo_t info = {.si_code = SI_QUEUE};

	return call(SYS_rt_sigqueueinfo, pid, HARMLESS, &info);
}

OPERATION(rt_sigqueueinfo_outside)
{
	siginfo_t info = {.si_code = SI_QUEUE};

	return call(SYS_rt_sigqueueinfo, self.outside, HARMLESS, &info);
}

OPERATION(rt_sigaction)
{
	return call(SYS_rt_sigaction, HARMLESS, 0, 0, 8);
}

OPERATION(rt_sigprocmask)
{
	return call(SYS_rt_sigprocmask, SIG_BLOCK, 0, 0, 8);
}
