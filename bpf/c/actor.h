/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who a task is, and which number stands for it. */
#ifndef SBX_ACTOR_H
#define SBX_ACTOR_H

enum { SBX_ACTORS = 4096 };

__u32 last_actor;

/* The number of st->who; a new one is reported with the executable's path. */
static __noinline __u32 actor_of(struct sbx_task *st, struct task_struct *task, struct sbx_scratch *s)
{
	__u32 *known = bpf_map_lookup_elem(&actors, &st->who);
	__u32 id;

	if (known)
		return *known;
	id = __sync_fetch_and_add(&last_actor, 1) + 1;
	if (bpf_map_update_elem(&actors, &st->who, &id, BPF_NOEXIST)) {
		known = bpf_map_lookup_elem(&actors, &st->who);
		if (known)
			return *known;
		lost(SBX_LOSS_ACTORS);
		return 0;
	}
	begin_event(s, SBX_EVENT_ACTOR, task);
	s->event.key.actor = id;
	s->event.actor = st->who;
	s->event.command = st->who.command;
	walk_path(s, task, BPF_CORE_READ(task, mm, exe_file, f_path.dentry),
		  BPF_CORE_READ(task, mm, exe_file, f_path.mnt));
	send_event(s);
	return id;
}

/* Reads the identity that counts for checks from the task's credentials. */
static __always_inline void read_identity(struct sbx_task *st, struct task_struct *task)
{
	const struct cred *cred = task->cred;

	st->cred = (__u64)cred;
	st->who.uid = BPF_CORE_READ(cred, euid.val);
	st->who.gid = BPF_CORE_READ(cred, egid.val);
}

static __always_inline void read_executable(struct sbx_task *st, struct task_struct *task)
{
	struct inode *inode = BPF_CORE_READ(task, mm, exe_file, f_inode);

	st->who.exe_ino = BPF_CORE_READ(inode, i_ino);
	st->who.exe_dev = BPF_CORE_READ(inode, i_sb, s_dev);
}

/* Whether it is PID 1's image, or the helper that PID 1 spawns from v255 on. */
static __always_inline bool is_systemd(struct file *exe, bool executor_only)
{
	static const char systemd[] = "systemd", executor[] = "systemd-executor";
	char name[sizeof(executor)] = {};
	__u32 len = BPF_CORE_READ(exe, f_path.dentry, d_name.len);

	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(exe, f_path.dentry, d_name.name));
	if (len == sizeof(executor) - 1)
		return !__builtin_memcmp(name, executor, sizeof(executor) - 1);
	return !executor_only && len == sizeof(systemd) - 1 && !__builtin_memcmp(name, systemd, sizeof(systemd) - 1);
}

#endif
