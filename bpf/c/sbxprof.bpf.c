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
#include "entries.h"
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
#include "uringfiles.h"

/* Keeps the enums in the object's BTF, where the Go side's constants are made from. */
const enum sbx_abi *unused_abi __attribute__((unused));
const enum sbx_phase *unused_phase __attribute__((unused));
const enum sbx_loss *unused_loss __attribute__((unused));
const enum sbx_call_kind *unused_call_kind __attribute__((unused));
const enum sbx_event_kind *unused_event_kind __attribute__((unused));
const enum sbx_how *unused_how __attribute__((unused));
const enum sbx_when *unused_when __attribute__((unused));
const enum sbx_uring_op *unused_uring_op __attribute__((unused));

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Whether the last call has returned, and no program saw it. */
static __always_inline bool return_missed(struct sbx_task *st)
{
	__u32 call = st->current_call;

	return call != SBX_CURRENT_NONE && call < SBX_CURRENT_MADE && spec_of(call >> 16, call)->when == SBX_AT_EXIT;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sbx_sys_enter, struct pt_regs *regs, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_call_key key = {};
	long nr = id;

	if (!st || !take(st, SBX_HOOK_ENTER))
		return 0;
	key.abi = call_abi(task, &nr);
	if (nr < 0 || nr >= SBX_CALLS)
		return 0;
	if (turns > 1 && return_missed(st))
		lost(SBX_LOSS_RETURN);
	st->current_call = key.abi << 16 | nr;
	if (spec_of(key.abi, nr)->when != SBX_EXIT_UNSEEN)
		return 0;
	key.actor = st->actor;
	key.nr = nr;
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

/*
 * A return to registers that tell of no call: of a signal handler, if neither a tracer
 * has skipped a call nor the program asked for number -1.
 */
static __always_inline void on_unknown_return(struct sbx_task *st, struct task_struct *task, long ret)
{
	struct sbx_call_key key = {.actor = st->actor, .abi = SBX_ABI_NATIVE, .nr = SBX_RT_SIGRETURN};

	enum { ENOSYS = 38 };

	if (entries_watched)
		return;
	st->current_call = SBX_CURRENT_UNKNOWN;
	if (!task->ptrace && ret != -ENOSYS)
		record_call(st, &key);
}

/* Whether perhaps a filter answered the call, when that could not be seen. */
static __always_inline bool verdict_missed(struct sbx_task *st, struct task_struct *task, __u32 err)
{
	enum { EPERM = 1, EACCES = 13, ENOSYS = 38 };

	return !entries_watched && (err == EPERM || err == EACCES || err == ENOSYS) && has_filter(task);
}

static __always_inline void on_return(struct sbx_task *st, struct task_struct *task, struct pt_regs *regs, __u32 call,
				      long ret)
{
	const volatile struct sbx_spec *spec = spec_of(call >> 16, call);
	struct sbx_call_key key = {.actor = st->actor, .nr = call, .abi = call >> 16, .err = error_of(ret)};

	/* The maker has recorded it; its arguments may be something else in memory by now. */
	if (st->current_call == SBX_CURRENT_EXECUTED || st->current_call == SBX_CURRENT_MADE) {
		st->current_call = between_calls();
		return;
	}
	/* A seccomp filter answers before the call is entered. */
	key.filtered =
	    entries_watched && st->current_call != call && st->current_call != SBX_CURRENT_UNKNOWN && has_filter(task);
	if (!key.filtered && verdict_missed(st, task, key.err))
		lost(SBX_LOSS_VERDICT);
	st->current_call = between_calls();
	if (key.filtered && ret == call_number(regs)) {
		/* With SIGSYS: the registers were put back as they were at the entry. */
		key.err = SBX_KILLED;
		st->current_call = SBX_CURRENT_UNKNOWN; /* counted; see leave() */
	}
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

/* Whether nothing is to be told of a call but that it was made once more. */
static __always_inline bool once_more(struct sbx_task *st, __u32 call, long ret)
{
	const volatile struct sbx_spec *spec = spec_of(call >> 16, call);

	if ((st->current_call != call && st->current_call != SBX_CURRENT_UNKNOWN) || st->checks || spec->nargs ||
	    spec->kind != SBX_CALL_PLAIN || !count_again(st, call >> 16, call & 0xffff, error_of(ret)))
		return false;
	st->current_call = between_calls();
	return true;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sbx_sys_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	__u32 call;

	if (!st || !take(st, SBX_HOOK_EXIT))
		return 0;
	call = call_of(task, regs);
	if (call == SBX_CURRENT_UNKNOWN)
		on_unknown_return(st, task, ret);
	else if (!once_more(st, call, ret))
		on_return(st, task, regs, call, ret);
	if (st->cred != (__u64)task->cred)
		change_identity(st, bpf_get_current_task());
	return 0;
}
