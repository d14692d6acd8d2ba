/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signals to processes outside of the unit. */
#ifndef SBX_SIGNALS_H
#define SBX_SIGNALS_H

/*
 * A call that names a process, and that sends nothing: signal 0, or it was denied.
 * The process is as the caller numbers it; the Go side looks whose it is.
 */
__noinline int on_signal_call(struct sbx_file_call *call, __u64 process)
{
	struct sbx_scratch *s = scratch_of(call);
	struct sbx_file_key key = {.how = SBX_BY_PROCESS};

	if (!s || !call || (!call->err && call->flags))
		return 0;
	key.actor = call->actor;
	key.err = call->err;
	key.flags = call->flags;
	key.object = (__u32)process;
	if (reported(&key))
		return 0;
	begin_event(s, SBX_EVENT_SIGNAL, call->task);
	s->event.target = process;
	report(s, &key);
	return 0;
}

/* A signal on its way: the sender is the current task. */
static __always_inline void on_signal(struct sbx_task *st, int signal, struct task_struct *target)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_SIGNAL);
	struct sbx_file_key key = {.how = SBX_BY_PROCESS};
	__u64 number;

	if (!s)
		return;
	number = number_of(&s->number, target);
	key.actor = st->actor;
	key.flags = signal;
	key.object = (__u64)BPF_CORE_READ(target, mm, exe_file, f_inode);
	key.ino = BPF_CORE_READ(target, real_cred, uid.val);
	key.place = 1; /* never the same as a call's */
	if (reported(&key))
		return;
	begin_event(s, SBX_EVENT_SIGNAL, number);
	s->event.target = s->event.tgid;
	s->event.tgid = tgid_of(bpf_get_current_task());
	s->event.uid = BPF_CORE_READ(target, real_cred, uid.val);
	walk_file(s, number, BPF_CORE_READ(target, mm, exe_file));
	report(s, &key);
}

enum { SBX_SI_USER = 0, SBX_SI_QUEUE = -1, SBX_SI_TKILL = -6 };

SEC("tp_btf/signal_generate")
int BPF_PROG(sbx_signal, int signal, struct kernel_siginfo *info, struct task_struct *target)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0), *its;

	if (!st || current_call(st, task) == SBX_CURRENT_NONE || st->who.phase != SBX_PHASE_SERVICE)
		return 0;
	/* 0 and 1 stand for the user's and the kernel's own signals; of the others
	 * the code says it: negative or 0 if it is from a process. */
	if ((__u64)info == 1 || ((__u64)info > 1 && BPF_CORE_READ(info, si_code) > 0))
		return 0;
	if (!take(st, SBX_HOOK_SIGNAL))
		return 0;
	its = bpf_task_storage_get(&tasks, target, 0, 0);
	if (!its || its->who.unit != st->who.unit)
		on_signal(st, signal, target);
	return 0;
}

#endif
