/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks for capabilities, joined with the outcome of the system call they were for. */
#ifndef SBX_CHECKS_H
#define SBX_CHECKS_H

enum { SBX_CAPABILITIES = 64 };

static __always_inline __u32 check_class(struct task_struct *task, const struct cred *cred,
					 struct user_namespace *target)
{
	__u32 class = 0;

	if (cred != task->cred)
		class |= SBX_CHECK_OVERRIDDEN;
	if (BPF_CORE_READ(target, level))
		class |= SBX_CHECK_FOREIGN;
	return class;
}

static __always_inline void count_check(struct sbx_check_key *key, struct task_struct *task)
{
	struct sbx_seen first = {.count = 1}, *value = bpf_map_lookup_elem(&checks, key);

	if (!value) {
		first.first = first.last = bpf_ktime_get_boot_ns();
		first.tgid = tgid_of(task);
		if (!bpf_map_update_elem(&checks, key, &first, BPF_NOEXIST))
			return;
		value = bpf_map_lookup_elem(&checks, key);
	}
	if (value)
		seen(value, 1);
	else
		lost(SBX_LOSS_CHECKS);
}

static __always_inline void keep_stack(void *ctx, struct sbx_stack_key *key)
{
	__s32 id;

	if (bpf_map_lookup_elem(&check_stacks, key))
		return;
	/* Ids are hashes of stacks: a collision keeps the older one, which is evidence only. */
	id = bpf_get_stackid(ctx, &stacks, BPF_F_FAST_STACK_CMP);
	bpf_map_update_elem(&check_stacks, key, &id, BPF_NOEXIST);
}

/* Remembers a check until the system call it belongs to has ended. */
static __always_inline void on_check(void *ctx, const struct cred *cred, struct user_namespace *target, int cap,
				     int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_stack_key stack = {};
	__u64 bit = 1ULL << (cap & (SBX_CAPABILITIES - 1));
	__u32 class, call;

	if (!st)
		return;
	class = check_class(task, cred, target) & (SBX_CHECK_CLASSES - 1);
	call = st->current_call;
	stack.actor = st->actor;
	stack.abi = call >> 16;
	stack.nr = call;
	stack.cap = cap;
	stack.class = class;
	stack.granted = !ret;
	keep_stack(ctx, &stack);
	if (!call || call == SBX_CURRENT_UNKNOWN) {
		struct sbx_check_key key = {.actor = st->actor, .nr = SBX_NO_CALL, .cap = cap, .class = class,
					    .granted = !ret};
		count_check(&key, task);
		return;
	}
	st->checks = 1;
	if (ret)
		st->denied[class] |= bit;
	else
		st->granted[class] |= bit;
}

/* Records the checks of the system call that ended, or whose task did. */
static __noinline void record_checks(struct sbx_task *st, struct task_struct *task, struct sbx_call_key *call)
{
	struct sbx_check_key key = {.actor = call->actor, .nr = call->nr, .abi = call->abi, .err = call->err};

	for (int class = 0; class < SBX_CHECK_CLASSES; class++) {
		__u64 granted = st->granted[class], denied = st->denied[class];

		st->granted[class] = st->denied[class] = 0;
		if (!(granted | denied))
			continue;
		key.class = class;
		for (int cap = 0; cap < SBX_CAPABILITIES; cap++) {
			key.cap = cap;
			key.granted = 1;
			if (granted >> cap & 1)
				count_check(&key, task);
			key.granted = 0;
			if (denied >> cap & 1)
				count_check(&key, task);
		}
	}
	st->checks = 0;
}

#endif
