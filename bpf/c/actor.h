/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who a task is, and which number stands for it. */
#ifndef SBX_ACTOR_H
#define SBX_ACTOR_H

/* Whether the recorder itself starts the command to record. */
const volatile __u32 launches;
/* If so, its executable's inode, which stands until the exec where systemd's stands
 * otherwise. The address, as user space may see another device (overlayfs, btrfs). */
__u64 launcher;

__u32 last_actor;

enum sbx_hook {
	SBX_HOOK_ENTER = 1,
	SBX_HOOK_EXIT,
	SBX_HOOK_EXEC,
	SBX_HOOK_DEATH,
	SBX_HOOK_SIGNAL,
	SBX_HOOK_CHECK,
	SBX_HOOK_URING,
};

/* Whether this program is the one of two to record what the task is at now. */
static __always_inline bool take(struct sbx_task *st, enum sbx_hook hook)
{
	bool taken = turn && st->taken == hook;

	if (turns == 1)
		return true;
	st->taken = turn ? 0 : hook;
	return !taken;
}

/* The number of st->who; a new one is reported with the executable's path. */
__noinline int actor_of(struct sbx_task *st, __u64 task, __u32 which)
{
	struct task_struct *t = (void *)task;
	struct sbx_scratch *s = scratch(which);
	struct sbx_actor_key who;
	__u32 *known, id;

	if (!st || !s)
		return 0;
	who = st->who;
	known = bpf_map_lookup_elem(&actors, &who);
	if (known)
		return *known;
	id = __sync_fetch_and_add(&last_actor, 1) + 1;
	if (bpf_map_update_elem(&actors, &who, &id, BPF_NOEXIST)) {
		known = bpf_map_lookup_elem(&actors, &who);
		if (known)
			return *known;
		lost(SBX_LOSS_ACTORS);
		return 0;
	}
	begin_event(s, SBX_EVENT_ACTOR, task);
	s->event.key.actor = id;
	s->event.actor = who;
	walk_file(s, task, BPF_CORE_READ(t, mm, exe_file));
	send_event(s);
	return id;
}

/*
 * Reads the identity that counts for checks. A task that is found in the middle of a call may
 * have the credentials of somebody else for as long, those of who mounted an overlay, say:
 * its own are in real_cred.
 */
static __always_inline void read_identity(struct sbx_task *st, __u64 task)
{
	const struct cred *cred = BPF_CORE_READ((struct task_struct *)task, real_cred);

	st->cred = (__u64)cred;
	st->who.uid = BPF_CORE_READ(cred, euid.val);
	st->who.gid = BPF_CORE_READ(cred, egid.val);
}

static __always_inline void read_executable(struct sbx_task *st, __u64 task)
{
	struct inode *inode = BPF_CORE_READ((struct task_struct *)task, mm, exe_file, f_inode);

	st->who.exe_ino = BPF_CORE_READ(inode, i_ino);
	st->who.exe_dev = BPF_CORE_READ(inode, i_sb, s_dev);
}

enum sbx_image {
	SBX_IMAGE_OTHER,
	SBX_IMAGE_SYSTEMD,  /* PID 1's image, or what launches a command for the recorder */
	SBX_IMAGE_EXECUTOR, /* the helper that PID 1 spawns from v255 on */
};

/* Whose program an executable is, by its name: not the service's yet, or its own. */
__noinline int image_of(__u64 exe)
{
	struct file *file = (void *)exe;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	union {
		char text[24];
		__u64 words[3];
	} name = {};

	if (launcher && (__u64)inode == launcher)
		return SBX_IMAGE_SYSTEMD;
	bpf_probe_read_kernel_str(name.text, sizeof(name.text), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	/* "systemd", "systemd-executor": the bytes as little-endian words. */
	if (name.words[0] == 0x00646d6574737973)
		return SBX_IMAGE_SYSTEMD;
	if (name.words[0] == 0x2d646d6574737973 && name.words[1] == 0x726f747563657865 && !name.words[2])
		return SBX_IMAGE_EXECUTOR;
	return SBX_IMAGE_OTHER;
}

#endif
