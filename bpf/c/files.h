/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operations on files. An open file is reported as the kernel knows it; a name
 * that no file came of is reported as given, with the directory it is relative to.
 */
#ifndef SBX_FILES_H
#define SBX_FILES_H

enum {
	SBX_FMODE_KEPT = 0x100000 | 0x4000 | 3, /* created, path only, write, read */
	SBX_AF_UNIX = 1,
};

/* Whether this was reported before; counts it if so. */
static __always_inline bool reported(struct sbx_file_key *key)
{
	__u64 one = 1, *count = bpf_map_lookup_elem(&files, key);

	if (count) {
		__sync_fetch_and_add(count, 1);
		return true;
	}
	bpf_map_update_elem(&files, key, &one, BPF_NOEXIST);
	return false;
}

static __always_inline struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **array = BPF_CORE_READ(table, fd), *file = NULL;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), &array[fd]);
	return file;
}

static __always_inline void describe(struct sbx_event *event, struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	struct inode *parent = BPF_CORE_READ(dentry, d_parent, d_inode);

	event->fs_magic = BPF_CORE_READ(inode, i_sb, s_magic);
	event->mode = BPF_CORE_READ(inode, i_mode);
	event->uid = BPF_CORE_READ(inode, i_uid.val);
	event->gid = BPF_CORE_READ(inode, i_gid.val);
	event->rdev = BPF_CORE_READ(inode, i_rdev);
	event->parent_mode = BPF_CORE_READ(parent, i_mode);
	event->parent_uid = BPF_CORE_READ(parent, i_uid.val);
	event->parent_gid = BPF_CORE_READ(parent, i_gid.val);
}

/* A call on files while it is being recorded. */
struct sbx_file_call {
	struct sbx_task *st;
	struct task_struct *task;
	struct pt_regs *regs;
	__u32 abi;
	int err;
	__u64 flags;
};

/* Reports an open file; `name` is the address of the name it was opened by, or 0. */
static __noinline void on_file(struct sbx_file_call *call, struct file *file, __u32 op, __u64 name)
{
	struct sbx_file_key key = {.actor = call->st->actor, .err = call->err, .op = op};
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct sbx_scratch *s = scratch(SBX_SCRATCH_TRACEPOINT);

	if (!s || !dentry)
		return;
	/* Dentries and inode numbers are used again, for other names. */
	key.dentry = (__u64)dentry;
	key.parent = (__u64)BPF_CORE_READ(dentry, d_parent);
	key.ino = BPF_CORE_READ(file, f_inode, i_ino);
	key.name = (__u64)BPF_CORE_READ(file, f_inode, i_generation) << 32 | BPF_CORE_READ(dentry, d_name.hash);
	key.flags = call->flags | (__u64)(BPF_CORE_READ(file, f_mode) & SBX_FMODE_KEPT) << 32;
	if (reported(&key))
		return;
	begin_event(s, SBX_EVENT_FILE, call->task);
	if (name)
		read_name(s, name, SBX_PATH, call->err);
	s->event.key = key;
	s->event.f_mode = BPF_CORE_READ(file, f_mode);
	describe(&s->event, dentry);
	walk_path(s, call->task, dentry, BPF_CORE_READ(file, f_path.mnt));
	send_event(s);
}

/* Reports a name that is relative to the descriptor `dir`, as far as it matters. */
static __noinline void on_name(struct sbx_file_call *call, __u32 dir, __u32 op, __u64 name, __u32 size)
{
	struct sbx_file_key key = {.actor = call->st->actor, .err = call->err, .op = op, .by_name = 1};
	struct sbx_scratch *s = scratch(SBX_SCRATCH_TRACEPOINT);
	struct vfsmount *mnt;
	struct dentry *base;
	enum { AT_FDCWD = -100 };

	if (!s)
		return;
	begin_event(s, SBX_EVENT_FILE, call->task);
	if (!read_name(s, name, size, call->err))
		return;
	if (s->data[0] == '/') {
		base = BPF_CORE_READ(call->task, fs, root.dentry);
		mnt = BPF_CORE_READ(call->task, fs, root.mnt);
	} else if (dir == (__u32)AT_FDCWD) {
		base = BPF_CORE_READ(call->task, fs, pwd.dentry);
		mnt = BPF_CORE_READ(call->task, fs, pwd.mnt);
	} else {
		struct file *file = file_of(call->task, dir);

		base = BPF_CORE_READ(file, f_path.dentry);
		mnt = BPF_CORE_READ(file, f_path.mnt);
	}
	if (!base) /* the call failed with EBADF */
		return;
	key.dentry = (__u64)base;
	key.ino = BPF_CORE_READ(base, d_inode, i_ino);
	key.name = hash_given(s);
	key.flags = call->flags;
	if (reported(&key))
		return;
	s->event.key = key;
	describe(&s->event, base);
	walk_path(s, call->task, base, mnt);
	send_event(s);
}

static __always_inline void on_named(struct sbx_file_call *call, const volatile struct sbx_spec *spec, __u32 i)
{
	enum { AT_FDCWD = -100 };
	__u32 dir = spec->dir[i];

	dir = dir == SBX_NO_ARG ? (__u32)AT_FDCWD : (__u32)argument(call->regs, call->abi, dir);
	on_name(call, dir, spec->op[i], argument(call->regs, call->abi, spec->name[i]), SBX_PATH);
}

/* A socket address: only AF_UNIX names a file, unless its name is abstract. */
static __always_inline void on_address(struct sbx_file_call *call, __u64 address, __u32 op)
{
	enum { AT_FDCWD = -100, SUN_PATH = 108 };
	struct {
		__u16 family;
		__u8 first;
	} head = {};

	if (!address || bpf_probe_read_user(&head, sizeof(head), (void *)address))
		return;
	if (head.family == SBX_AF_UNIX && head.first)
		on_name(call, AT_FDCWD, op, address + sizeof(__u16), SUN_PATH);
}

static __noinline void on_file_call(struct sbx_file_call *call, const volatile struct sbx_spec *spec, long ret)
{
	__u64 first = argument(call->regs, call->abi, spec->name[0]);
	struct file *file;

	if (spec->flags_arg != SBX_NO_ARG)
		call->flags = argument(call->regs, call->abi, spec->flags_arg) & spec->flags_mask;
	switch (spec->kind) {
	case SBX_CALL_OPEN:
		if (!call->err && (file = file_of(call->task, ret)))
			on_file(call, file, spec->op[0], first);
		else
			on_named(call, spec, 0);
		return;
	case SBX_CALL_NAMES:
		on_named(call, spec, 1);
		/* fallthrough */
	case SBX_CALL_NAME:
		on_named(call, spec, 0);
		return;
	case SBX_CALL_EXEC:
		if (call->err)
			on_named(call, spec, 0);
		return;
	case SBX_CALL_FD:
		if ((file = file_of(call->task, first)))
			on_file(call, file, spec->op[0], 0);
		return;
	case SBX_CALL_MSGHDR:
		bpf_probe_read_user(&first, sizeof(first), (void *)first);
		/* fallthrough */
	case SBX_CALL_SOCKADDR:
		on_address(call, first, spec->op[0]);
		return;
	}
}

#endif
