/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks for capabilities, joined with the outcome of the system call they were for. */
#ifndef SBX_CHECKS_H
#define SBX_CHECKS_H

enum {
	SBX_CAPABILITIES = 64,
	SBX_CAP_OPT_NOAUDIT = 2, /* since Linux 5.1 */
};

__noinline int count_check(struct sbx_check_key *check)
{
	struct sbx_seen first = {.count = 1}, *value;
	struct sbx_check_key key;

	if (!check)
		return 0;
	key = *check;
	value = bpf_map_lookup_elem(&checks, &key);
	if (!value) {
		first.first = first.last = bpf_ktime_get_boot_ns();
		first.tgid = tgid_of(bpf_get_current_task());
		if (!bpf_map_update_elem(&checks, &key, &first, BPF_NOEXIST))
			return 0;
		value = bpf_map_lookup_elem(&checks, &key);
	}
	if (value)
		seen(value, 1);
	else
		lost(SBX_LOSS_CHECKS);
	return 0;
}

static __always_inline void keep_stack(void *ctx, struct sbx_stack_key *key)
{
	__s32 id;

	if (bpf_map_lookup_elem(&check_stacks, key))
		return;
	/* Ids are hashes of stacks: if another has this one, that of the callers is taken. */
	id = bpf_get_stackid(ctx, &stacks, BPF_F_FAST_STACK_CMP);
	if (id < 0)
		id = bpf_get_stackid(ctx, &stacks, BPF_F_FAST_STACK_CMP | 1);
	if (id < 0)
		id = bpf_get_stackid(ctx, &stacks, BPF_F_FAST_STACK_CMP | 2);
	bpf_map_update_elem(&check_stacks, key, &id, BPF_NOEXIST);
}

static __always_inline __u32 check_class(const struct cred *cred, struct user_namespace *target, __u32 opts)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 class = 0;

	/* Overridden credentials are in task->cred; the task's own are in real_cred. */
	if (cred != BPF_CORE_READ(task, real_cred))
		class |= SBX_CHECK_OVERRIDDEN;
	if (BPF_CORE_READ(target, level))
		class |= SBX_CHECK_FOREIGN;
	if (opts & SBX_CAP_OPT_NOAUDIT)
		class |= SBX_CHECK_QUIET;
	return class;
}

/* Remembers a check until the system call it belongs to has ended. */
static __always_inline void on_check(void *ctx, struct sbx_task *st, __u32 class, int cap, int ret, bool own)
{
	struct sbx_stack_key stack = {.cap = cap, .class = class, .granted = !ret};
	struct sbx_check_key key = {.actor = st->actor, .nr = SBX_NO_CALL, .cap = cap, .class = class, .granted = !ret};
	__u32 call = own ? current_call(st, bpf_get_current_task_btf()) : SBX_CURRENT_NONE;
	__u32 id = (cap << 16 | class << 8 | !ret) + 1;
	__u64 bit = 1ULL << (cap & (SBX_CAPABILITIES - 1));

	if (st->last_check == id && own && st->checks) /* once more in this call */
		return;
	if (call == SBX_CURRENT_NONE || call >= SBX_CURRENT_MADE) {
		stack.nr = SBX_NO_CALL;
		keep_stack(ctx, &stack);
		count_check(&key);
		return;
	}
	st->current_call = call;
	stack.abi = call >> 16;
	stack.nr = call;
	keep_stack(ctx, &stack);
	st->checks = 1;
	st->last_check = id;
	if (ret)
		st->denied[bounded(class, SBX_CHECK_CLASSES)] |= bit;
	else
		st->granted[bounded(class, SBX_CHECK_CLASSES)] |= bit;
}

static __always_inline void check(void *ctx, const struct cred *cred, struct user_namespace *target, int cap,
				  __u32 opts, int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	bool own = true;

	if (!st) {
		/* The kernel makes workers for io_uring without telling: they are of the group. */
		if (task->group_leader == task)
			return;
		st = bpf_task_storage_get(&tasks, task->group_leader, 0, 0);
		own = false;
	}
	if (st && (own ? take(st, SBX_HOOK_CHECK) : !turn))
		on_check(ctx, st, check_class(cred, target, opts), cap, ret, own);
}

/* Records the checks of the system call that ended, or whose task did. */
__noinline int record_checks(struct sbx_task *st, struct sbx_call_key *call)
{
	struct sbx_check_key key = {};

	if (!st || !call)
		return 0;
	key.actor = call->actor;
	key.nr = call->nr;
	key.abi = call->abi;
	key.err = call->err;
	st->checks = 0;
	for (int class = 0; class < SBX_CHECK_CLASSES; ++class) {
		__u64 granted = st->granted[class], denied = st->denied[class];

		st->granted[class] = st->denied[class] = 0;
		if (!(granted | denied))
			continue;
		key.class = class;
		for (int cap = 0; cap < SBX_CAPABILITIES; cap++) {
			key.cap = cap;
			key.granted = 1;
			if (granted >> cap & 1)
				count_check(&key);
			key.granted = 0;
			if (denied >> cap & 1)
				count_check(&key);
		}
	}
	return 0;
}

/* Linux 6.14 and newer. */
SEC("tp_btf/cap_capable")
int BPF_PROG(sbx_check_tracepoint, const struct cred *cred, struct user_namespace *target,
	     struct user_namespace *capable, int cap, int ret)
{
	check(ctx, cred, target, cap, 0, ret);
	return 0;
}

/* Where functions can be traced. */
SEC("fexit/cap_capable")
int BPF_PROG(sbx_check_function, const struct cred *cred, struct user_namespace *target, int cap, unsigned int opts,
	     int ret)
{
	check(ctx, cred, target, cap, opts, ret);
	return 0;
}

#endif
