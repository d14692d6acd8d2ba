/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of files. bpf_d_path may not be called from tracepoints, so the dentries
 * are walked here, with a bounded loop: bpf_loop is younger than Linux 5.15.
 */
#ifndef SBX_PATH_H
#define SBX_PATH_H

enum {
	SBX_WALK_STEPS = 400, /* names and mount crossings on one path */
};

static __always_inline struct mount *mount_of(struct vfsmount *vfs)
{
	return (void *)vfs - bpf_core_field_offset(struct mount, mnt);
}

/*
 * Appends the names from dentry up to the root of the mount namespace to the
 * event's data, and says in event.path what is not as it should be.
 */
static __noinline void walk_path(struct sbx_scratch *s, struct task_struct *task, struct dentry *dentry,
				 struct vfsmount *vfs)
{
	struct dentry *root = BPF_CORE_READ(task, fs, root.dentry);
	struct mount *root_mount = mount_of(BPF_CORE_READ(task, fs, root.mnt));
	struct mount *mount = mount_of(vfs);
	__u32 start = s->event.given, off = start, flags = SBX_PATH_PARTIAL, root_at = 0;
	bool inside = false;

	if (!BPF_CORE_READ(dentry, d_hash.pprev) && BPF_CORE_READ(dentry, d_parent) != dentry)
		s->event.path |= SBX_PATH_UNLINKED;
	for (int i = 0; i < SBX_WALK_STEPS; i++) {
		struct dentry *parent;
		long n;

		if (!inside && dentry == root && mount == root_mount) {
			inside = true;
			root_at = off - start;
		}
		if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
			struct mount *up = BPF_CORE_READ(mount, mnt_parent);

			if (up == mount) {
				flags = 0;
				break;
			}
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = up;
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		if (parent == dentry) {
			flags = SBX_PATH_DETACHED;
			break;
		}
		if (off > SBX_DATA - SBX_NAME)
			break;
		n = bpf_probe_read_kernel_str(&s->data[off], SBX_NAME, BPF_CORE_READ(dentry, d_name.name));
		if (n < 0)
			break;
		off += n & (2 * SBX_NAME - 1);
		dentry = parent;
	}
	if (!inside)
		flags |= SBX_PATH_OUTSIDE;
	s->event.path |= flags;
	s->event.walked = off - start;
	s->event.root_at = root_at;
}

/* Appends the name at a user address to the (empty) data; false if there is none. */
static __always_inline bool read_name(struct sbx_scratch *s, __u64 address, __u32 size, int err)
{
	enum { EFAULT = 14 };
	long n = bpf_probe_read_user_str(s->data, size & (2 * SBX_PATH - 1), (void *)address);

	if (n < 0) {
		/* Only if the kernel could read the name there is one to lose. */
		if (err != EFAULT && address)
			lost(SBX_LOSS_NAME);
		return false;
	}
	s->event.given = n & (2 * SBX_PATH - 1);
	return true;
}

/* A hash of the given name, 8 bytes at a time. */
static __noinline __u64 hash_given(struct sbx_scratch *s)
{
	__u32 len = s->event.given;
	__u64 hash = 0xcbf29ce484222325;

	if (len > SBX_PATH)
		return 0;
	for (int i = 0; i < 8; i++)
		s->data[len + i] = 0;
	for (__u32 i = 0; i < SBX_PATH; i += 8) {
		if (i >= len)
			break;
		hash = (hash ^ *(__u64 *)&s->data[i]) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}

#endif
