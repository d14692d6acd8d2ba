// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The recorder's programs. Those of the required set run on Linux 5.15 and newer. */
#include "kernel.h"
#include "types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define NULL ((void *)0)

#include "losses.h"
#include "maps.h"
#include "task.h"
#include "event.h"
#include "path.h"
#include "actor.h"
#include "calls.h"
#include "checks.h"
#include "files.h"
#include "membership.h"
#include "exec.h"

/* Keeps the enums in the object's BTF, where the Go side's constants are made from. */
const enum sbx_abi *unused_abi __attribute__((unused));
const enum sbx_phase *unused_phase __attribute__((unused));
const enum sbx_loss *unused_loss __attribute__((unused));
const enum sbx_call_kind *unused_call_kind __attribute__((unused));
const enum sbx_event_kind *unused_event_kind __attribute__((unused));

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_enter")
int BPF_PROG(sbx_sys_enter, struct pt_regs *regs, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_call_key key = {};
	long nr = id;

	if (!st)
		return 0;
	key.abi = call_abi(task, &nr);
	if (nr < 0 || nr >= SBX_CALLS)
		return 0;
	st->current_call = key.abi << 16 | nr;
	if (!spec_of(key.abi, nr)->at_entry)
		return 0;
	key.actor = st->actor;
	key.nr = nr;
	record_call(st, task, &key);
	return 0;
}

/* The identity may have changed: by the call itself, or because another thread's did. */
static __noinline void change_identity(struct sbx_task *st, struct task_struct *task)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_TRACEPOINT);
	struct sbx_actor_key who = st->who;

	read_identity(st, task);
	if (!s || (who.uid == st->who.uid && who.gid == st->who.gid))
		return;
	flush_calls(st, task);
	st->actor = actor_of(st, task, s);
}

static __noinline void on_exit(struct sbx_task *st, struct task_struct *task, struct pt_regs *regs, long ret)
{
	enum { MAX_ERRNO = 4095, ERESTARTSYS = 512, ERESTART_RESTARTBLOCK = 516, EINTR = 4 };
	const volatile struct sbx_spec *spec;
	struct sbx_call_key key = {.actor = st->actor};
	long nr = call_number(regs);
	__u32 call;

	key.abi = call_abi(task, &nr);
	if (nr < 0 || nr >= SBX_CALLS) /* skipped by a tracer */
		return;
	call = key.abi << 16 | nr;
	key.nr = nr;
	if (ret < 0 && ret >= -MAX_ERRNO)
		key.err = -ret;
	/* Internal: the call is restarted, or returns EINTR. */
	if (key.err >= ERESTARTSYS && key.err <= ERESTART_RESTARTBLOCK)
		key.err = EINTR;
	/* A seccomp filter answers before the call is entered. */
	key.filtered = st->current_call != call && st->current_call != SBX_CURRENT_UNKNOWN;
	st->current_call = SBX_CURRENT_NONE;
	spec = spec_of(key.abi, nr);
	read_arguments(&key, regs, spec);
	record_call(st, task, &key);
	if (st->checks)
		record_checks(st, task, &key);
	if (spec->kind != SBX_CALL_PLAIN && st->who.phase == SBX_PHASE_SERVICE && !key.filtered) {
		struct sbx_file_call file = {
			.st = st, .task = task, .regs = regs, .abi = key.abi, .err = key.err};

		on_file_call(&file, spec, ret);
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sbx_sys_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);

	if (!st)
		return 0;
	on_exit(st, task, regs, ret);
	if (st->cred != (__u64)task->cred)
		change_identity(st, task);
	return 0;
}

/* Linux 6.14 and newer. */
SEC("tp_btf/cap_capable")
int BPF_PROG(sbx_check_tracepoint, const struct cred *cred, struct user_namespace *target,
	     struct user_namespace *capable, int cap, int ret)
{
	on_check(ctx, cred, target, cap, ret);
	return 0;
}

/* Where functions can be traced. */
SEC("fexit/cap_capable")
int BPF_PROG(sbx_check_function, const struct cred *cred, struct user_namespace *target, int cap, unsigned int opts,
	     int ret)
{
	on_check(ctx, cred, target, cap, ret);
	return 0;
}
