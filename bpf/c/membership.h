/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which tasks are ours. The answer is kept with the task and changes when the task
 * enters or leaves a cgroup, so that no system call of anybody pays for the question.
 */
#ifndef SBX_MEMBERSHIP_H
#define SBX_MEMBERSHIP_H

/* Set by the Go side after detaching: the iterator then finishes every task. */
volatile __u32 ending;

/* The unit whose cgroup this is, or -1. Only the default hierarchy (v2) counts. */
static __always_inline __s32 unit_of(struct cgroup *cgroup)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct sbx_cgroup *known = bpf_map_lookup_elem(&cgroups, &id);

	return known ? known->unit : -1;
}

static __always_inline struct sbx_task *make_ours(struct task_struct *task)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!st)
		lost(SBX_LOSS_TASKS);
	else
		st->current_call = SBX_CURRENT_UNKNOWN;
	return st;
}

/* Fills the state of a task that came from outside. */
__noinline int identify(struct sbx_task *st, __u64 task, __s32 unit, __u32 which)
{
	struct task_struct *t = (void *)task;

	if (!st)
		return 0;
	st->who.unit = unit;
	/* What is still PID 1's image, or the executor, has not become the service yet. */
	st->who.phase =
	    image_of((__u64)BPF_CORE_READ(t, mm, exe_file)) == SBX_IMAGE_OTHER ? SBX_PHASE_SERVICE : SBX_PHASE_SETUP;
	read_identity(st, task);
	read_executable(st, task);
	st->actor = actor_of(st, task, which);
	return 0;
}

/* Records what the task is in the middle of, and that will not return. */
__noinline int finish(struct sbx_task *st, __u32 call, __u32 err)
{
	struct sbx_call_key key = {};

	if (!st)
		return 0;
	key.actor = st->actor;
	key.nr = call;
	key.abi = call >> 16;
	key.err = err;
	key.filtered = err == SBX_KILLED;
	if (spec_of(key.abi, key.nr)->when != SBX_EXIT_UNSEEN)
		count_call(&key, 1);
	if (st->checks)
		record_checks(st, &key);
	return 0;
}

/* The call that the task is in and that will not return to it while it is ours. */
static __always_inline __u32 last_call(struct sbx_task *st, struct task_struct *task, bool dies)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	__u32 call;

	if (entries_watched)
		return st->current_call;
	call = call_of(task, regs);
	/* It dies in a call that ends it, or after one that has returned. */
	if (call != SBX_CURRENT_UNKNOWN && dies)
		return spec_of(call >> 16, call)->when == SBX_NEVER_RETURNS ? call : SBX_CURRENT_NONE;
	return in_call(regs) ? call : SBX_CURRENT_NONE;
}

/* The task will not be ours any more: it dies, or leaves. */
static __always_inline void leave(struct sbx_task *st, struct task_struct *task, bool dies)
{
	enum { SIGSYS = 31, SIGNAL = 0x7f };
	__u32 call = last_call(st, task, dies);

	if (call != SBX_CURRENT_NONE && call < SBX_CURRENT_MADE) {
		finish(st, call, SBX_UNFINISHED);
	} else if (call == SBX_CURRENT_NONE && (task->exit_code & SIGNAL) == SIGSYS) {
		/* A filter killed this thread alone: it does not even get to sys_exit. */
		call = call_of(task, (void *)bpf_task_pt_regs(task));
		if (call != SBX_CURRENT_UNKNOWN)
			finish(st, call, SBX_KILLED);
	}
	flush_calls(st);
}

/* Tells that a task came into a unit, or left it for the cgroup at `path`. */
__noinline int report_move(__u64 task, __u64 path, __u32 actor, __u32 in, __s32 unit)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_MOVE);
	struct task_struct *t = (void *)task;
	long n;

	if (!s)
		return 0;
	begin_event(s, SBX_EVENT_MOVE, task);
	s->event.key.actor = actor;
	s->event.actor.unit = unit;
	s->event.in = in;
	s->event.threads = BPF_CORE_READ(t, signal, nr_threads) > 1;
	n = bpf_probe_read_kernel_str(s->data, SBX_PATH, (void *)path);
	if (n > 0)
		s->event.given = n & (2 * SBX_PATH - 1);
	send_event(s);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(sbx_fork, struct task_struct *parent, struct task_struct *child)
{
	struct sbx_task *from = bpf_task_storage_get(&tasks, parent, 0, 0), *st;
	struct sbx_scratch *s = scratch(SBX_SCRATCH_FORK);
	__s32 unit = unit_of(child->cgroups->dfl_cgrp);

	if (unit < 0 || !s || (turn && bpf_task_storage_get(&tasks, child, 0, 0)))
		return 0;
	st = make_ours(child);
	if (!st)
		return 0;
	st->current_call = SBX_CURRENT_MADE;
	/* From v256 on PID 1 makes the child in the unit's cgroup (CLONE_INTO_CGROUP). */
	if (!from || from->who.unit != unit) {
		identify(st, number_of(&s->number, child), unit, SBX_SCRATCH_FORK);
		return 0;
	}
	st->who = from->who;
	st->actor = from->actor;
	st->cred = from->cred;
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sbx_exit, struct task_struct *task)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);

	if (st && take(st, SBX_HOOK_DEATH))
		leave(st, task, true);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(sbx_attach, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_scratch *s = scratch(SBX_SCRATCH_MOVE);
	__u64 number, name;
	__s32 unit;

	if (!s || cgroup->root->hierarchy_id)
		return 0;
	unit = unit_of(cgroup);
	if (st ? st->who.unit == unit : unit < 0)
		return 0;
	number = number_of(&s->number, task);
	name = number_of(&s->number, path);
	if (st) {
		report_move(number, name, st->actor, 0, st->who.unit);
		leave(st, task, false);
		bpf_task_storage_delete(&tasks, task);
	}
	if (unit < 0)
		return 0;
	st = make_ours(task);
	if (!st)
		return 0;
	identify(st, number, unit, SBX_SCRATCH_MOVE);
	report_move(number, name, st->actor, 1, unit);
	return 0;
}

/* How many units the kernel side has found by itself. */
__u32 units_made;

/* Whether a name of `len` bytes ends like this, which must be 8 bytes or less. */
static __always_inline bool ends_with(struct sbx_scratch *s, __u32 len, __u64 end, __u32 size)
{
	__u64 word = 0;

	if (len <= size || len >= SBX_NAME)
		return false;
	bpf_probe_read_kernel(&word, size, &s->node.name[(len - size) & (SBX_NAME - 1)]);
	return word == end;
}

static __always_inline bool begins_as_asked(struct sbx_scratch *s)
{
	__u32 node = s->node.parent;
	struct sbx_prefix *prefix = bpf_map_lookup_elem(&prefixes, &node);

	if (!prefix)
		return true;
	for (__u32 i = 0; i < SBX_PREFIX; i++) {
		if (i >= prefix->len)
			break;
		if (s->node.name[i] != prefix->text[i])
			return false;
	}
	return true;
}

/* Makes a unit of its own of the service that s->node names, and reports it. */
static __always_inline bool make_unit(struct sbx_scratch *s, struct sbx_cgroup *made)
{
	__u32 index = SBX_UNIT_MADE + __sync_fetch_and_add(&units_made, 1);

	made->unit = index;
	if (index >= SBX_UNITS || bpf_map_update_elem(&nodes, &s->node, made, BPF_NOEXIST)) {
		lost(SBX_LOSS_UNITS);
		return false;
	}
	begin_event(s, SBX_EVENT_UNIT, bpf_get_current_task());
	s->event.actor.unit = index;
	s->event.given = bpf_probe_read_kernel_str(s->data, SBX_NAME, s->node.name);
	send_event(s);
	return true;
}

/* What a cgroup is whose name no node has: of those that are watched with their slice. */
__noinline int find_below(__u64 id, __u32 len, __u32 parent)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_CGROUP);
	struct sbx_cgroup made = {.node = parent, .unit = -1, .below = 1};

	if (!s)
		return 0;
	/* ".slice", ".service" as little-endian words */
	if (!ends_with(s, len, 0x6563696c732e, 6)) {
		made.below = 0;
		if (!ends_with(s, len, 0x656369767265732e, 8) || !begins_as_asked(s) || !make_unit(s, &made))
			return 0;
	}
	if (bpf_map_update_elem(&cgroups, &id, &made, BPF_ANY))
		lost(SBX_LOSS_CGROUPS);
	return 0;
}

/* A cgroup below a unit's is the unit's; others are looked up by name, level by level. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(sbx_mkdir, struct cgroup *cgroup)
{
	__u64 id = cgroup->kn->id, up = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
	struct sbx_cgroup *parent, *found;
	struct sbx_scratch *s = scratch(SBX_SCRATCH_CGROUP);
	long n = 0;

	if (!s || cgroup->root->hierarchy_id)
		return 0;
	parent = bpf_map_lookup_elem(&cgroups, &up);
	if (!parent || (turn && bpf_map_lookup_elem(&cgroups, &id)))
		return 0;
	found = parent;
	if (parent->unit < 0) {
		__builtin_memset(&s->node, 0, sizeof(s->node));
		s->node.parent = parent->node;
		n = bpf_probe_read_kernel_str(s->node.name, sizeof(s->node.name), BPF_CORE_READ(cgroup, kn, name));
		found = bpf_map_lookup_elem(&nodes, &s->node);
	}
	if (!found && parent->below && n > 1)
		find_below(id, n - 1, parent->node);
	else if (found && bpf_map_update_elem(&cgroups, &id, found, BPF_ANY))
		lost(SBX_LOSS_CGROUPS);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(sbx_rmdir, struct cgroup *cgroup)
{
	__u64 id = cgroup->kn->id;

	if (!cgroup->root->hierarchy_id)
		bpf_map_delete_elem(&cgroups, &id);
	return 0;
}

/*
 * Read by the Go side after attaching, when tasks came in or went that no hook saw,
 * and at the end: takes in what runs in a unit's cgroup, and brings counts home.
 */
SEC("iter/task")
int sbx_tasks(struct bpf_iter__task *ctx)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_ITERATOR);
	struct task_struct *task = ctx->task;
	struct sbx_task *st;
	__u32 call;
	__s32 unit;

	if (!task || !s)
		return 0;
	unit = unit_of(task->cgroups->dfl_cgrp);
	st = bpf_task_storage_get(&tasks, task, 0, 0);
	if (!st) {
		if (unit >= 0 && !ending && (st = make_ours(task))) {
			identify(st, number_of(&s->number, task), unit, SBX_SCRATCH_ITERATOR);
			tasks_found++;
			if (has_filter(task))
				need_entries();
		}
		return 0;
	}
	peek_calls(st);
	if (ending) {
		/* Nothing is attached any more; what a task waits in has not changed since. */
		call = call_of(task, (void *)bpf_task_pt_regs(task));
		if (call != SBX_CURRENT_UNKNOWN)
			finish(st, call, SBX_UNFINISHED);
	} else if (unit != st->who.unit) {
		bpf_task_storage_delete(&tasks, task);
	}
	return 0;
}

/* Run once by the Go side through BPF_PROG_RUN, to learn about itself: its PID
 * namespace, and its executable. */
SEC("raw_tp/sbx_self")
int sbx_self(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	pid_level = BPF_CORE_READ(task, thread_pid, level);
	if (launches)
		launcher = (__u64)BPF_CORE_READ(task, mm, exe_file, f_inode);
	return pid_level;
}

#endif
