/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which tasks are ours. The answer is kept with the task and changes when the task
 * enters or leaves a cgroup, so that no system call of anybody pays for the question.
 */
#ifndef SBX_MEMBERSHIP_H
#define SBX_MEMBERSHIP_H

/* The unit whose cgroup this is, or -1. Only the default hierarchy (v2) counts. */
static __always_inline __s32 unit_of(struct cgroup *cgroup)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct sbx_cgroup *known = bpf_map_lookup_elem(&cgroups, &id);

	return known ? known->unit : -1;
}

/* Makes a task ours, unless it is already. */
static __noinline void adopt(struct task_struct *task, __s32 unit, __u32 which)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_scratch *s = scratch(which);

	if (st || !s)
		return;
	st = bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!st) {
		lost(SBX_LOSS_TASKS);
		return;
	}
	st->current_call = SBX_CURRENT_UNKNOWN;
	st->who.unit = unit;
	/* What is still PID 1's image, or the executor, has not become the service yet. */
	st->who.phase = is_systemd(BPF_CORE_READ(task, mm, exe_file), false) ? SBX_PHASE_SETUP : SBX_PHASE_SERVICE;
	read_identity(st, task);
	read_executable(st, task);
	st->actor = actor_of(st, task, s);
}

static __always_inline void finish(struct sbx_task *st, struct task_struct *task)
{
	__u32 call = st->current_call;
	struct sbx_call_key key = {.actor = st->actor, .nr = call, .abi = call >> 16, .err = SBX_UNFINISHED};

	if (call && call != SBX_CURRENT_UNKNOWN) {
		if (!spec_of(key.abi, key.nr)->at_entry)
			count_call(&key, 1, task);
		if (st->checks)
			record_checks(st, task, &key);
	}
	flush_calls(st, task);
}

static __always_inline void inherit(struct sbx_task *from, struct task_struct *child, __s32 unit)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!st) {
		lost(SBX_LOSS_TASKS);
		return;
	}
	st->current_call = SBX_CURRENT_UNKNOWN;
	st->who = from->who;
	st->actor = from->actor;
	st->cred = (__u64)child->cred;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(sbx_fork, struct task_struct *parent, struct task_struct *child)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, parent, 0, 0);
	__s32 unit = unit_of(child->cgroups->dfl_cgrp);

	if (unit < 0)
		return 0;
	/* From v256 on PID 1 makes the child in the unit's cgroup (CLONE_INTO_CGROUP). */
	if (st && st->who.unit == unit)
		inherit(st, child, unit);
	else
		adopt(child, unit, SBX_SCRATCH_TRACEPOINT);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sbx_exit, struct task_struct *task)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);

	if (st)
		finish(st, task);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(sbx_attach, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
	struct sbx_task *st;
	__s32 unit;

	if (cgroup->root->hierarchy_id)
		return 0;
	unit = unit_of(cgroup);
	st = bpf_task_storage_get(&tasks, task, 0, 0);
	if (st && st->who.unit != unit) {
		finish(st, task);
		bpf_task_storage_delete(&tasks, task);
	}
	if (unit >= 0)
		adopt(task, unit, SBX_SCRATCH_TRACEPOINT);
	return 0;
}

/* A cgroup below a unit's is the unit's; others are looked up by name, level by level. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(sbx_mkdir, struct cgroup *cgroup)
{
	__u64 id = cgroup->kn->id, up = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id);
	struct sbx_cgroup *parent, *found;
	struct sbx_scratch *s = scratch(SBX_SCRATCH_TRACEPOINT);

	if (!s || cgroup->root->hierarchy_id)
		return 0;
	parent = bpf_map_lookup_elem(&cgroups, &up);
	if (!parent)
		return 0;
	found = parent;
	if (parent->unit < 0) {
		__builtin_memset(&s->node, 0, sizeof(s->node));
		s->node.parent = parent->node;
		bpf_probe_read_kernel_str(s->node.name, sizeof(s->node.name), cgroup->kn->name);
		found = bpf_map_lookup_elem(&nodes, &s->node);
	}
	if (found && bpf_map_update_elem(&cgroups, &id, found, BPF_ANY))
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
 * Read by the Go side after attaching, when tasks came in that no hook saw, and at
 * the end: takes in what runs in a unit's cgroup, and brings counts home.
 */
SEC("iter/task")
int sbx_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct sbx_task *st;
	__s32 unit;

	if (!task)
		return 0;
	st = bpf_task_storage_get(&tasks, task, 0, 0);
	if (st) {
		flush_calls(st, task);
		return 0;
	}
	unit = unit_of(task->cgroups->dfl_cgrp);
	if (unit >= 0)
		adopt(task, unit, SBX_SCRATCH_ITERATOR);
	return 0;
}

/* Run once by the Go side through BPF_PROG_RUN, to learn its own PID namespace. */
SEC("raw_tp/sbx_self")
int sbx_self(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	pid_level = BPF_CORE_READ(task, thread_pid, level);
	return pid_level;
}

#endif
