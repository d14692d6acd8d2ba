/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operations on files. An open file is reported as the kernel knows it; a name
 * that no file came of is reported as given, with the directory it is relative to.
 */
#ifndef SBX_FILES_H
#define SBX_FILES_H

enum {
	SBX_FMODE_KEPT = 0x100000 | 0x4000 | 3, /* created, path only, write, read */
	SBX_AT_FDCWD = -100,
	SBX_EFAULT = 14,
};

/* A call that is being recorded. */
struct sbx_file_call {
	__u64 task;
	__u64 flags;
	__u32 actor;
	__u32 abi;
	__u32 err;
	__u32 index; /* of its spec */
	__u32 dir;   /* the descriptor that the name is relative to */
	__u32 peer_dir;
	__u32 scratch;	 /* SBX_SCRATCH_* of the program that records it */
	__u32 in_kernel; /* where its names are: they were copied, as io_uring does */
	__u64 peer;	 /* the address of the other name, or 0 */
};

static __always_inline struct sbx_scratch *scratch_of(struct sbx_file_call *call)
{
	return call ? scratch(call->scratch) : NULL;
}

static __always_inline void note_time(struct sbx_again *again)
{
	__u64 ticks = bpf_jiffies64();

	if (again->ticks == ticks)
		return;
	again->ticks = ticks;
	again->last = bpf_ktime_get_boot_ns();
}

static __always_inline bool happened(struct sbx_again *again)
{
	if (!again)
		return false;
	__sync_fetch_and_add(&again->count, 1);
	note_time(again);
	return true;
}

/* Whether this was reported before; counts it if so. */
static __always_inline bool reported(struct sbx_file_key *key)
{
	struct sbx_again none = {};

	if (happened(bpf_map_lookup_elem(&files, key)))
		return true;
	bpf_map_update_elem(&files, key, &none, BPF_NOEXIST);
	return false;
}

enum { SBX_FOLD_AFTER = 100 }; /* names in one directory */

/* Whether the last operation was of the same kind in the same directory, and that has
 * so many names that they are not told apart any more; counts it if so. */
static __always_inline bool still_folded(struct sbx_scratch *s, const struct sbx_directory_key *directory)
{
	const __u64 *now = (const void *)directory, *then = (const void *)&s->directory;
	struct sbx_again *names;

	if (!s->folded)
		return false;
	for (int i = 0; i < (int)(sizeof(*directory) / sizeof(*now)); i++) {
		if (now[i] != then[i])
			return false;
	}
	names = bpf_map_lookup_elem(&directories, directory);
	return names && names->count > SBX_FOLD_AFTER && happened(names);
}

/*
 * Whether this was reported before, as itself or as one of many in its directory. If
 * there are too many by now the key becomes that of the directory.
 */
static __always_inline bool known(struct sbx_scratch *s, struct sbx_file_key *key,
				  const struct sbx_directory_key *directory)
{
	struct sbx_again none = {}, first = {.count = 1}, *names;
	__u64 nth;

	s->folded = 0;
	if (happened(bpf_map_lookup_elem(&files, key)))
		return true;
	s->directory = *directory;
	names = bpf_map_lookup_elem(&directories, directory);
	if (!names) {
		bpf_map_update_elem(&directories, directory, &first, BPF_NOEXIST);
	} else {
		nth = __sync_fetch_and_add(&names->count, 1);
		if (nth > SBX_FOLD_AFTER) {
			s->folded = 1;
			note_time(names);
			return true;
		}
		if (nth == SBX_FOLD_AFTER) {
			key->how |= SBX_FOLDED;
			key->object = directory->object;
			key->name = directory->name;
			s->event.path |= SBX_PATH_FOLDED;
		}
	}
	bpf_map_update_elem(&files, key, &none, BPF_NOEXIST);
	return false;
}

/* Sends an event once; what did not fit into the ring is tried again the next time. */
static __always_inline void report(struct sbx_scratch *s, struct sbx_file_key *key)
{
	s->event.key = *key;
	if (!send_event(s))
		bpf_map_delete_elem(&files, key);
}

static __always_inline struct file *file_of(__u32 fd)
{
	struct fdtable *table = bpf_get_current_task_btf()->files->fdt;
	struct file **array = table->fd, *file = NULL;

	if (fd < table->max_fds)
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

static __always_inline long read_text(struct sbx_file_call *call, void *to, __u32 size, __u64 address)
{
	if (call->in_kernel)
		return bpf_probe_read_kernel_str(to, size, (void *)address);
	return bpf_probe_read_user_str(to, size, (void *)address);
}

/* The first byte of the name at an address, 0 if it cannot be read. */
static __always_inline __u8 first_of(struct sbx_file_call *call, __u64 address)
{
	__u8 first = 0;

	if (call->in_kernel)
		bpf_probe_read_kernel(&first, sizeof(first), (void *)address);
	else
		bpf_probe_read_user(&first, sizeof(first), (void *)address);
	return first;
}

/* Appends the name at an address to the (empty) data; false if it cannot be read. */
static __always_inline bool read_name(struct sbx_scratch *s, struct sbx_file_call *call, __u64 address, __u32 size)
{
	long n = read_text(call, s->data, size & (2 * SBX_PATH - 1), address);

	if (n < 0)
		return false;
	s->event.given = n & (2 * SBX_PATH - 1);
	return true;
}

/* The directory that a name is relative to: 0 in `dentry` if there is none. */
static __always_inline void base_of(__u32 dir, bool absolute, struct path *base)
{
	struct fs_struct *fs = bpf_get_current_task_btf()->fs;

	if (absolute)
		bpf_core_read(base, sizeof(*base), &fs->root);
	else if (dir == (__u32)SBX_AT_FDCWD)
		bpf_core_read(base, sizeof(*base), &fs->pwd);
	else
		bpf_core_read(base, sizeof(*base), &file_of(dir)->f_path);
}

/* Reports an open file; `name` is the address of the name it was opened by, or 0. */
__noinline int on_file(struct sbx_file_call *call, __u64 address, __u32 op, __u64 name)
{
	struct sbx_scratch *s = scratch_of(call);
	struct file *file = (void *)address;
	struct sbx_file_key key = {.op = op, .how = SBX_BY_FILE};
	struct sbx_directory_key directory = {.op = op, .how = SBX_BY_FILE};
	struct path base = {}, path = {};
	struct dentry *dentry;
	struct inode *inode;
	__u8 folded;

	if (!s || !call)
		return 0;
	bpf_core_read(&path, sizeof(path), &file->f_path);
	dentry = path.dentry;
	if (!dentry)
		return 0;
	directory.actor = key.actor = call->actor;
	directory.err = key.err = call->err;
	directory.object = (__u64)BPF_CORE_READ(dentry, d_parent);
	directory.flags = key.flags = call->flags | (__u64)(BPF_CORE_READ(file, f_mode) & SBX_FMODE_KEPT) << 32;
	if (still_folded(s, &directory))
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	/* Dentries and inode numbers are used again, for other names. */
	key.object = (__u64)dentry;
	key.place = directory.object * 31 + (__u64)path.mnt;
	key.ino = BPF_CORE_READ(inode, i_ino);
	key.name = (__u64)BPF_CORE_READ(inode, i_generation) << 32 | BPF_CORE_READ(dentry, d_name.hash);
	s->event.path = 0;
	if (known(s, &key, &directory))
		return 0;
	folded = s->event.path;
	begin_event(s, SBX_EVENT_FILE, call->task);
	s->event.path = folded;
	if (name && !read_name(s, call, name, SBX_PATH))
		s->event.path |= SBX_PATH_NO_NAME;
	s->event.f_mode = BPF_CORE_READ(file, f_mode);
	describe(&s->event, dentry);
	walk_file(s, call->task, file);
	if (s->event.given > 1 && s->data[0] != '/') {
		base_of(call->dir, false, &base);
		walk_base(s, (__u64)base.dentry, (__u64)base.mnt);
	}
	report(s, &key);
	return 0;
}

/* Whose directory the other name is in: a pair of directories is told once. */
__noinline __u64 hash_peer(struct sbx_file_call *call)
{
	struct sbx_scratch *s = scratch_of(call);
	struct path base = {};

	if (!s || !call || !read_name(s, call, call->peer, SBX_PATH))
		return 0;
	hash_given(s);
	base_of(call->peer_dir, s->data[0] == '/', &base);
	s->event.given = 0;
	return s->walk.directory * 31 + (__u64)base.dentry;
}

/* Appends the other name, and where it is. */
__noinline int append_peer(struct sbx_file_call *call)
{
	struct sbx_scratch *s = scratch_of(call);
	struct path base = {};
	__u32 off;
	long n;

	if (!s || !call)
		return 0;
	base_of(call->peer_dir, first_of(call, call->peer) == '/', &base);
	walk_base(s, (__u64)base.dentry, (__u64)base.mnt);
	off = s->event.given + s->event.walked + s->event.based;
	if (off > SBX_DATA - SBX_PATH)
		return 0;
	n = read_text(call, &s->data[off], SBX_PATH, call->peer);
	if (n > 0)
		s->event.peer = n;
	return 0;
}

/*
 * Reports the directory that a call has made the working directory or the root: what
 * the name was relative to is not known any more.
 */
__noinline int on_place(struct sbx_file_call *call, __u32 op, __u64 name, __u32 is_root)
{
	struct sbx_scratch *s = scratch_of(call);
	struct sbx_file_key key = {.op = op, .how = SBX_BY_FILE};
	struct path place = {};

	if (!s || !call)
		return 0;
	base_of(SBX_AT_FDCWD, is_root, &place);
	key.actor = call->actor;
	key.flags = call->flags;
	key.object = (__u64)place.dentry;
	key.place = (__u64)place.mnt;
	key.ino = BPF_CORE_READ(place.dentry, d_inode, i_ino);
	if (reported(&key))
		return 0;
	begin_event(s, SBX_EVENT_FILE, call->task);
	read_name(s, call, name, SBX_PATH);
	describe(&s->event, place.dentry);
	walk_path(s, call->task, (__u64)place.dentry, (__u64)place.mnt);
	report(s, &key);
	return 0;
}

/*
 * Reports the name of `size` bytes at most, relative to the descriptor `dir`. `op_dir`
 * holds both: op << 32 | dir.
 */
__noinline int on_name(struct sbx_file_call *call, __u64 op_dir, __u64 name, __u32 size)
{
	struct sbx_scratch *s = scratch_of(call);
	struct sbx_directory_key directory = {};
	struct path base = {};
	struct sbx_file_key *key;
	__u64 peer = 0;
	__u16 given;
	__u8 folded;

	if (!s || !call)
		return 0;
	s->event.given = 0;
	s->event.path = 0;
	if (call->peer)
		peer = hash_peer(call);
	if (!read_name(s, call, name, size)) {
		/* Only if the kernel could read the name there is one to lose. */
		if (call->err != SBX_EFAULT && name)
			lost(SBX_LOSS_NAME);
		return 0;
	}
	base_of(op_dir, s->data[0] == '/', &base);
	if (!base.dentry) /* the call failed with EBADF */
		return 0;
	key = &s->key;
	key->name = hash_given(s);
	directory.op = key->op = op_dir >> 32;
	directory.how = key->how = SBX_BY_NAME;
	directory.actor = key->actor = call->actor;
	directory.err = key->err = call->err;
	directory.object = key->object = (__u64)base.dentry;
	directory.name = s->walk.directory;
	directory.flags = key->flags = call->flags;
	if (still_folded(s, &directory))
		return 0;
	key->place = (__u64)base.mnt;
	key->ino = BPF_CORE_READ(base.dentry, d_inode, i_ino) + peer;
	if (known(s, key, &directory))
		return 0;
	given = s->event.given;
	folded = s->event.path;
	begin_event(s, SBX_EVENT_FILE, call->task);
	s->event.given = given;
	s->event.path = folded;
	describe(&s->event, base.dentry);
	walk_path(s, call->task, (__u64)base.dentry, (__u64)base.mnt);
	if (call->peer)
		append_peer(call);
	report(s, key);
	return 0;
}

/* The name at an address: an empty one, or none, stands for its directory. */
static __always_inline void on_name_in(struct sbx_file_call *call, __u32 op, __u32 dir, __u64 name)
{
	if (name && first_of(call, name)) {
		on_name(call, (__u64)op << 32 | dir, name, SBX_PATH);
		return;
	}
	if (op == SBX_OP_STAT || (op == SBX_OP_ACCESS && call->err)) /* fstat: of what is open already */
		return;
	if (!call->err && dir != (__u32)SBX_AT_FDCWD)
		on_file(call, (__u64)file_of(dir), op, 0);
	else if (name)
		on_name(call, (__u64)op << 32 | dir, name, SBX_PATH);
}

/* The name in argument i of the spec. */
static __always_inline void on_named(struct sbx_file_call *call, const volatile struct sbx_spec *spec, __u32 i)
{
	__u32 dir = SBX_AT_FDCWD;
	__u64 name = argument(call->abi, spec->name[i]);

	if (spec->name[i] == SBX_NO_ARG)
		return;
	if (spec->dir[i] != SBX_NO_ARG)
		dir = argument(call->abi, spec->dir[i]);
	on_name_in(call, spec->op[i], dir, name);
}

static __always_inline void set_peer(struct sbx_file_call *call, const volatile struct sbx_spec *spec, __u32 i)
{
	call->peer = argument(call->abi, spec->name[i]);
	call->peer_dir = SBX_AT_FDCWD;
	if (spec->dir[i] != SBX_NO_ARG)
		call->peer_dir = argument(call->abi, spec->dir[i]);
}

static __always_inline __u64 flags_of(struct sbx_file_call *call, const volatile struct sbx_spec *spec)
{
	if (spec->flags_arg == SBX_NO_ARG)
		return spec->flags_always;
	return (decisive(call->abi, spec->flags_arg, spec->flags_offset) & spec->flags_mask) | spec->flags_always;
}

/* What a call did with files and sockets. */
__noinline int on_file_call(struct sbx_file_call *call, __u64 ret)
{
	const volatile struct sbx_spec *spec;
	__u64 first;

	if (!call)
		return 0;
	spec = &specs[call->index & (SBX_ABIS * SBX_CALLS - 1)];
	first = argument(call->abi, spec->name[0]);
	call->flags = flags_of(call, spec);
	if (spec->only_if_flags && !call->flags)
		return 0;
	if (spec->skip_arg != SBX_NO_ARG && argument(call->abi, spec->skip_arg) & spec->skip_bits)
		return 0;
	switch (spec->kind) {
	case SBX_CALL_OPEN:
		call->dir = spec->dir[0] == SBX_NO_ARG ? SBX_AT_FDCWD : argument(call->abi, spec->dir[0]);
		if (call->err)
			on_named(call, spec, 0);
		else
			on_file(call, (__u64)file_of(ret), spec->op[0], spec->name[0] == SBX_NO_ARG ? 0 : first);
		return 0;
	case SBX_CALL_NAMES:
		set_peer(call, spec, 0);
		on_named(call, spec, 1);
		set_peer(call, spec, 1);
		on_named(call, spec, 0);
		return 0;
	case SBX_CALL_CWD:
	case SBX_CALL_ROOT:
		if (!call->err)
			return on_place(call, spec->op[0], first, spec->kind == SBX_CALL_ROOT);
		/* fallthrough */
	case SBX_CALL_NAME:
		on_named(call, spec, 0);
		return 0;
	case SBX_CALL_EXEC:
		if (call->err)
			on_named(call, spec, 0);
		return 0;
	case SBX_CALL_FD:
		return on_file(call, (__u64)file_of(first), spec->op[0], 0);
	case SBX_CALL_SIGNAL:
		return on_signal_call(call, first);
	}
	return 0;
}

#endif
