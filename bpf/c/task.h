/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Process ids and registers of a task. */
#ifndef SBX_TASK_H
#define SBX_TASK_H

/* How deep the recorder's PID namespace is; set by the program `self`. */
__u32 pid_level;

/* The task's thread group id in the recorder's PID namespace; 0 outside of it. */
static __always_inline __u32 tgid_of(__u64 task)
{
	struct pid *pid = BPF_CORE_READ((struct task_struct *)task, group_leader, thread_pid);
	__u32 level = pid_level;
	int nr = 0;

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	bpf_probe_read_kernel(&nr, sizeof(nr),
			      (void *)__builtin_preserve_access_index(&pid->numbers[0].nr) +
				  level * bpf_core_type_size(struct upid));
	return nr;
}

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
	unsigned long r11, r10, r9, r8, cx, dx, si, di, orig_ax, ip, flags;
} __attribute__((preserve_access_index));

enum { SBX_TS_COMPAT = 2, SBX_X32_BIT = 0x40000000, SBX_RT_SIGRETURN = 15 };

static __always_inline long call_number(struct pt_regs *regs)
{
	return regs->orig_ax;
}

static __always_inline __u32 call_abi(struct task_struct *task, long *nr)
{
	if (task->thread_info.status & SBX_TS_COMPAT)
		return SBX_ABI_COMPAT;
	if (*nr & SBX_X32_BIT) {
		*nr &= ~SBX_X32_BIT;
		return SBX_ABI_X32;
	}
	return SBX_ABI_NATIVE;
}

/*
 * Whether these are the registers of a 64-bit system call: the instruction leaves the
 * address and the flags to return to in rcx and r11. Faults and interrupts do not.
 */
static __always_inline bool in_call(struct pt_regs *regs)
{
	return regs->cx == regs->ip && regs->r11 == regs->flags;
}

/* i386 passes its arguments in ebx, ecx, edx, esi, edi, ebp. */
struct pt_regs___i386 {
	unsigned long bx, cx, bp;
} __attribute__((preserve_access_index));

static __always_inline __u64 compat_argument(struct pt_regs *regs, __u32 i)
{
	struct pt_regs___i386 *compat = (void *)regs;

	switch (i) {
	case 0:
		return (__u32)compat->bx;
	case 1:
		return (__u32)compat->cx;
	case 2:
		return (__u32)regs->dx;
	case 3:
		return (__u32)regs->si;
	case 4:
		return (__u32)regs->di;
	default:
		return (__u32)compat->bp;
	}
}

static __always_inline __u64 native_argument(struct pt_regs *regs, __u32 i)
{
	switch (i) {
	case 0:
		return regs->di;
	case 1:
		return regs->si;
	case 2:
		return regs->dx;
	case 3:
		return regs->r10;
	case 4:
		return regs->r8;
	default:
		return regs->r9;
	}
}

#elif defined(__TARGET_ARCH_arm64)

struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
} __attribute__((preserve_access_index));

enum { SBX_TIF_32BIT = 1 << 22, SBX_RT_SIGRETURN = 139 };

static __always_inline long call_number(struct pt_regs *regs)
{
	return regs->syscallno;
}

/* Entries of calls are always watched here. */
static __always_inline bool in_call(struct pt_regs *regs)
{
	return false;
}

static __always_inline __u32 call_abi(struct task_struct *task, long *nr)
{
	return task->thread_info.flags & SBX_TIF_32BIT ? SBX_ABI_COMPAT : SBX_ABI_NATIVE;
}

/* The return value overwrites x0; the kernel keeps the first argument aside. */
static __always_inline __u64 native_argument(struct pt_regs *regs, __u32 i)
{
	switch (i) {
	case 0:
		return regs->orig_x0;
	case 1:
		return regs->regs[1];
	case 2:
		return regs->regs[2];
	case 3:
		return regs->regs[3];
	case 4:
		return regs->regs[4];
	default:
		return regs->regs[5];
	}
}

static __always_inline __u64 compat_argument(struct pt_regs *regs, __u32 i)
{
	return (__u32)native_argument(regs, i);
}

#endif

static __always_inline __u32 call_of(struct task_struct *task, struct pt_regs *regs)
{
	long nr = call_number(regs);
	__u32 abi = call_abi(task, &nr);

	return nr < 0 || nr >= SBX_CALLS ? SBX_CURRENT_UNKNOWN : abi << 16 | nr;
}

/* Argument i, 0 to 5, of the system call that the current task is in. */
__noinline __u64 argument(__u32 abi, __u32 i)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());

	return abi == SBX_ABI_COMPAT ? compat_argument(regs, i) : native_argument(regs, i);
}

/* How a call ended, as an errno. */
static __always_inline __u32 error_of(long ret)
{
	enum { MAX_ERRNO = 4095, ERESTARTSYS = 512, ERESTART_RESTARTBLOCK = 516, EINTR = 4 };

	if (ret >= 0 || ret < -MAX_ERRNO)
		return 0;
	/* Internal: the call is restarted, or returns EINTR. */
	if (ret <= -ERESTARTSYS && ret >= -ERESTART_RESTARTBLOCK)
		return EINTR;
	return -ret;
}

#endif
