/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Operations that were submitted through io_uring, without a system call of their own. */
#ifndef SBX_URING_H
#define SBX_URING_H

/* One bit for each operation of each actor: they are few, and only their kinds count. */
struct sbx_uring_key {
	__u32 actor;
	__u32 op;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sbx_uring_key);
	__type(value, struct sbx_seen);
} urings SEC(".maps");

static __always_inline void on_submit(__u8 op)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_seen first = {.count = 1}, *value;
	struct sbx_uring_key key = {.op = op};
	bool own = st;

	/* The thread that polls the queue for the program came without a fork. */
	if (!st && task->group_leader != task)
		st = bpf_task_storage_get(&tasks, task->group_leader, 0, 0);
	if (!st || !(own ? take(st, SBX_HOOK_URING) : !turn))
		return;
	key.actor = st->actor;
	value = bpf_map_lookup_elem(&urings, &key);
	if (value) {
		seen(value, 1);
		return;
	}
	first.first = first.last = bpf_ktime_get_boot_ns();
	first.tgid = tgid_of(bpf_get_current_task());
	if (bpf_map_update_elem(&urings, &key, &first, BPF_ANY))
		lost(SBX_LOSS_CALLS);
}

/* Linux 6.3 and newer. */
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(sbx_uring_request, struct io_kiocb *request)
{
	on_submit(request->opcode);
	return 0;
}

/* Linux 6.0 to 6.2: the same under its old name. */
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(sbx_uring_entry, struct io_kiocb *request)
{
	on_submit(request->opcode);
	return 0;
}

#endif
