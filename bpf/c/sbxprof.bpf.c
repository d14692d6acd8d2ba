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

struct sbx_file_call;
int on_signal_call(struct sbx_file_call *call, __u64 process);

#include "files.h"
#include "sockets.h"
#include "signals.h"
#include "membership.h"
#include "exec.h"
#include "uring.h"

/* Keeps the enums in the object's BTF, where the Go side's constants are made from. */
const enum sbx_abi *unused_abi __attribute__((unused));
const enum sbx_phase *unused_phase __attribute__((unused));
const enum sbx_loss *unused_loss __attribute__((unused));
const enum sbx_call_kind *unused_call_kind __attribute__((unused));
const enum sbx_event_kind *unused_event_kind __attribute__((unused));
const enum sbx_how *unused_how __attribute__((unused));
const enum sbx_when *unused_when __attribute__((unused));

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Whether the last call has returned, and no program saw it. */
static __always_inline bool return_missed(struct sbx_task *st)
{
	__u32 call = st->current_call;

	return call != SBX_CURRENT_NONE && call < SBX_CURRENT_EXECUTED &&
	       spec_of(call >> 16, call)->when == SBX_AT_EXIT;
}

/* Whether a call that was not seen to be entered was answered by a seccomp filter. */
static __always_inline bool filter_answered(struct sbx_task *st, struct task_struct *task)
{
	if (turns == 1)
		return true;
	/* Perhaps both programs were left out when it was entered. */
	return st->current_call == SBX_CURRENT_NONE && bpf_core_field_exists(task->seccomp) && task->seccomp.mode;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sbx_sys_enter, struct pt_regs *regs, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_call_key key = {};
	long nr = id;
	__u8 when;

	if (!st || !take(st, SBX_HOOK_ENTER))
		return 0;
	key.abi = call_abi(task, &nr);
	if (nr < 0 || nr >= SBX_CALLS)
		return 0;
	if (turns > 1 && return_missed(st))
		lost(SBX_LOSS_RETURN);
	st->current_call = key.abi << 16 | nr;
	when = spec_of(key.abi, nr)->when;
	if (when == SBX_AT_EXIT)
		return 0;
	key.actor = st->actor;
	key.nr = nr;
	key.err = when == SBX_NEVER_RETURNS ? SBX_UNFINISHED : 0;
	record_call(st, &key);
	return 0;
}

/*
 * The call that returns. All functions on the way down from it share 512 bytes of
 * stack up to Linux 6.12: this is not on it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2); /* by turn */
	__type(key, __u32);
	__type(value, struct sbx_file_call);
} returning SEC(".maps");

/* The identity may have changed: by the call itself, or because another thread's did. */
__noinline int change_identity(struct sbx_task *st, __u64 task)
{
	__u32 uid, gid;

	if (!st)
		return 0;
	uid = st->who.uid;
	gid = st->who.gid;
	read_identity(st, task);
	if (uid == st->who.uid && gid == st->who.gid)
		return 0;
	flush_calls(st);
	st->actor = actor_of(st, task, SBX_SCRATCH_CALL);
	return 0;
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

static __always_inline void on_return(struct sbx_task *st, struct task_struct *task, struct pt_regs *regs, long ret)
{
	struct sbx_call_key key = {.actor = st->actor};
	const volatile struct sbx_spec *spec;
	__u32 call = call_of(task, regs);

	if (call == SBX_CURRENT_UNKNOWN) /* skipped by a tracer */
		return;
	if (st->current_call == SBX_CURRENT_EXECUTED) {
		st->current_call = SBX_CURRENT_NONE;
		return;
	}
	key.abi = call >> 16;
	key.nr = call;
	key.err = error_of(ret);
	/* A seccomp filter answers before the call is entered. */
	key.filtered = st->current_call != call && st->current_call != SBX_CURRENT_UNKNOWN && filter_answered(st, task);
	st->current_call = SBX_CURRENT_NONE;
	if (key.filtered && ret == call_number(regs)) {
		/* With SIGSYS: the registers were put back as they were at the entry. */
		key.err = SBX_KILLED;
		st->current_call = SBX_CURRENT_UNKNOWN; /* counted; see leave() */
	}
	spec = spec_of(key.abi, key.nr);
	if (spec->nargs)
		read_arguments(&key, key.abi * SBX_CALLS + key.nr);
	record_call(st, &key);
	if (st->checks)
		record_checks(st, &key);
	if (spec->kind != SBX_CALL_PLAIN && st->who.phase == SBX_PHASE_SERVICE && !key.filtered) {
		struct sbx_file_call *file = bpf_map_lookup_elem(&returning, &(__u32){turn});

		if (!file)
			return;
		*file = (struct sbx_file_call){.task = bpf_get_current_task(),
					       .actor = st->actor,
					       .abi = key.abi,
					       .err = key.err,
					       .index = key.abi * SBX_CALLS + key.nr,
					       .scratch = SBX_SCRATCH_CALL};
		if (spec->kind >= SBX_CALL_ADDRESS)
			on_socket_call(file, spec->kind, ret);
		else
			on_file_call(file, ret);
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sbx_sys_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);

	if (!st || !take(st, SBX_HOOK_EXIT))
		return 0;
	on_return(st, task, regs, ret);
	if (st->cred != (__u64)task->cred)
		change_identity(st, bpf_get_current_task());
	return 0;
}
