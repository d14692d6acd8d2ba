/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a system call was entered. That has to be seen only where a filter may have
 * answered it instead, or where its registers do not tell the call any more when it
 * has ended (i386). Where neither is the case the program at the entry, which costs
 * as much as all else, is not attached. The kernel side asks for it when it finds that
 * it is needed.
 */
#ifndef SBX_ENTRIES_H
#define SBX_ENTRIES_H

/* Whether the program at the entry is attached; set by the Go side, after attaching it
 * and before detaching it. */
volatile __u32 entries_watched;

/* Whether a task with a filter or a call of another ABI than the native one was seen. */
volatile __u32 entries_needed;

/* Units' tasks that the iterator found when recording began. */
__u32 tasks_found;

static __always_inline void need_entries(void)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_ENTRIES);

	if (!s || __sync_lock_test_and_set(&entries_needed, 1))
		return;
	begin_event(s, SBX_EVENT_ENTRIES, bpf_get_current_task());
	send_event(s);
}

static __always_inline bool has_filter(struct task_struct *task)
{
	return bpf_core_field_exists(task->seccomp) && task->seccomp.mode;
}

/*
 * The call that the current task is in, or SBX_CURRENT_*. Who asks for it before an
 * exec keeps it in st->current_call: exec rewrites the registers.
 */
static __always_inline __u32 current_call(struct sbx_task *st, struct task_struct *task)
{
	struct pt_regs *regs;

	if (entries_watched || (st->current_call != SBX_CURRENT_NONE && st->current_call != SBX_CURRENT_UNKNOWN))
		return st->current_call;
	regs = (void *)bpf_task_pt_regs(task);
	return in_call(regs) ? call_of(task, regs) : SBX_CURRENT_NONE;
}

/* What is kept with the task when its call has ended. */
static __always_inline __u32 between_calls(void)
{
	return entries_watched ? SBX_CURRENT_NONE : SBX_CURRENT_UNKNOWN;
}

#endif
