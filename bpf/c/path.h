/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of files. bpf_d_path may not be called from tracepoints, so the dentries
 * are walked here, with a bounded loop: bpf_loop is younger than Linux 5.15.
 */
#ifndef SBX_PATH_H
#define SBX_PATH_H

enum {
	SBX_WALK_STEPS = 700, /* names and mount crossings on one path */
};

static __always_inline struct mount *mount_of(struct vfsmount *vfs)
{
	return (void *)vfs - bpf_core_field_offset(struct mount, mnt);
}

enum sbx_step {
	SBX_STEP_ON,
	SBX_STEP_TOP,	   /* the root of the mount namespace */
	SBX_STEP_DETACHED, /* the root of something that is mounted nowhere */
	SBX_STEP_STUCK,
};

/* One step up: across a mount point, or to the parent directory. */
__noinline int walk_step(struct sbx_scratch *s)
{
	struct dentry *dentry, *parent;
	struct mount *mount;
	__u32 off;
	long n;

	if (!s)
		return SBX_STEP_STUCK;
	dentry = (void *)s->walk.dentry;
	mount = (void *)s->walk.mount;
	off = s->walk.off;
	if (!s->walk.inside && s->walk.dentry == s->walk.root_dentry && s->walk.mount == s->walk.root_mount) {
		s->walk.inside = 1;
		s->event.root_at = off - s->event.given;
	}
	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		struct mount *up = BPF_CORE_READ(mount, mnt_parent);

		if (up == mount)
			return SBX_STEP_TOP;
		s->walk.dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
		s->walk.mount = (__u64)up;
		return SBX_STEP_ON;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry)
		return SBX_STEP_DETACHED;
	if (off > SBX_DATA - SBX_NAME)
		return SBX_STEP_STUCK;
	n = bpf_probe_read_kernel_str(&s->data[off], SBX_NAME, BPF_CORE_READ(dentry, d_name.name));
	if (n < 0)
		return SBX_STEP_STUCK;
	s->walk.off = off + n;
	s->walk.dentry = (__u64)parent;
	return SBX_STEP_ON;
}

/*
 * Appends the names from a dentry up to the root of the mount namespace to the
 * event's data, and says in event.path what is not as it should be.
 */
__noinline int walk_path(struct sbx_scratch *s, __u64 task, __u64 dentry, __u64 vfsmount)
{
	struct task_struct *t = (void *)task;
	struct dentry *d = (void *)dentry;
	int step = SBX_STEP_STUCK;

	if (!s)
		return 0;
	s->walk.dentry = dentry;
	s->walk.mount = (__u64)mount_of((void *)vfsmount);
	s->walk.root_dentry = (__u64)BPF_CORE_READ(t, fs, root.dentry);
	s->walk.root_mount = (__u64)mount_of(BPF_CORE_READ(t, fs, root.mnt));
	s->walk.off = s->event.given;
	s->walk.inside = 0;
	if (!BPF_CORE_READ(d, d_hash.pprev) && BPF_CORE_READ(d, d_parent) != d)
		s->event.path |= SBX_PATH_UNLINKED;
	for (int i = 0; i < SBX_WALK_STEPS; i++) {
		step = walk_step(s);
		if (step != SBX_STEP_ON)
			break;
	}
	if (step == SBX_STEP_DETACHED)
		s->event.path |= SBX_PATH_DETACHED;
	else if (step != SBX_STEP_TOP)
		s->event.path |= SBX_PATH_PARTIAL;
	if (!s->walk.inside)
		s->event.path |= SBX_PATH_OUTSIDE;
	s->event.walked = s->walk.off - s->event.given;
	return 0;
}

/* Appends the path of the directory that the given name is relative to. */
static __always_inline void walk_base(struct sbx_scratch *s, __u64 dentry, __u64 vfsmount)
{
	__u32 start = s->event.given + s->event.walked;
	s->walk.dentry = dentry;
	s->walk.mount = (__u64)mount_of((void *)vfsmount);
	s->walk.off = start;
	s->walk.inside = 1; /* the process's root has been found, or not */
	for (int i = 0; i < SBX_WALK_STEPS; i++) {
		int step = walk_step(s);

		if (step == SBX_STEP_ON)
			continue;
		if (step == SBX_STEP_TOP)
			s->event.based = s->walk.off - start;
		break;
	}
}

/* Appends the path of a struct file. */
static __always_inline void walk_file(struct sbx_scratch *s, __u64 task, struct file *file)
{
	walk_path(s, task, (__u64)BPF_CORE_READ(file, f_path.dentry), (__u64)BPF_CORE_READ(file, f_path.mnt));
}

static __always_inline __u64 hash_word(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

/* The bytes of a word before its last slash, all set; 0 if it has none. */
static __always_inline __u64 before_slash(__u64 word)
{
	__u64 low = 0x7f7f7f7f7f7f7f7f, other = word ^ 0x2f2f2f2f2f2f2f2f;
	/* The highest bit of each byte that is a slash, then all bits below the last. */
	__u64 mask = ~(((other & low) + low) | other | low);

	mask |= mask >> 1;
	mask |= mask >> 2;
	mask |= mask >> 4;
	mask |= mask >> 8;
	mask |= mask >> 16;
	mask |= mask >> 32;
	return mask;
}

/*
 * A hash of the event's given bytes, 8 at a time; s->walk.directory becomes one of
 * those before the last slash.
 */
__noinline __u64 hash_given(struct sbx_scratch *s)
{
	__u64 hash = 0xcbf29ce484222325;
	__u32 len;

	if (!s)
		return 0;
	s->walk.directory = 0;
	len = s->event.given;
	if (len > SBX_PATH)
		return 0;
	for (int i = 0; i < 8; i++)
		s->data[len + i] = 0;
	for (__u32 i = 0; i < SBX_PATH; i += 8) {
		__u64 word, mask;

		if (i >= len)
			break;
		word = *(__u64 *)&s->data[i];
		mask = before_slash(word);
		if (mask)
			s->walk.directory = hash_word(hash, word & mask >> 8);
		hash = hash_word(hash, word);
	}
	return hash;
}

#endif
