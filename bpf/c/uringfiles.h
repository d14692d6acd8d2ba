/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The files behind io_uring: no system call names them. Linux 6.0 and newer have one
 * function for each operation that does. Two programs are attached to all of these: one
 * copies what is asked for when the function begins, as it drops the names, the other one
 * has it told when the function has ended. The program that does that is large: it is
 * loaded once, and called from there.
 */
#ifndef SBX_URINGFILES_H
#define SBX_URINGFILES_H

/* The system call that does the same, as the index of its spec; set before loading. */
const volatile __u32 uring_calls[SBX_URING_OPS];

/* What the function that a task is in was asked for. */
struct sbx_uring_request {
	__u64 request; /* its address, or 0: there is none that was not told of */
	__u32 fixed;   /* the open file gets no descriptor */
	__s32 result;
	struct sbx_file_call call; /* with the directory of the last name, and of its peer */
	__u8 name[SBX_PATH];	   /* the last or only one */
};

/* The first of two names. Linux 7.2 has no room for both in one value: its task storage
 * takes 8192 bytes at most, with what it adds. */
struct sbx_uring_peer {
	__u8 name[SBX_PATH];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sbx_uring_request);
} uring_requests SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sbx_uring_peer);
} uring_peers SEC(".maps");

/* The program that tells what came of it, by turn. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} uring_tell SEC(".maps");

/* The address of the pointer to a name in a command, which is of one of two types. */
#define NAME_IN(request, type, field)                                                                                  \
	((void *)(request) + (bpf_core_field_exists(struct type, field)                                                \
				  ? bpf_core_field_offset(struct type, field)                                          \
				  : bpf_core_field_offset(struct type##___delayed, field)))

static __always_inline void copy_name(__u8 *to, const void *in)
{
	struct filename *name = NULL;

	bpf_probe_read_kernel(&name, sizeof(name), in);
	if (bpf_probe_read_kernel_str(to, SBX_PATH, BPF_CORE_READ(name, name)) < 0)
		to[0] = 0; /* there is none where only a descriptor is given */
}

static __always_inline void copy_peer(const void *in)
{
	struct sbx_uring_peer *peer =
	    bpf_task_storage_get(&uring_peers, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (peer)
		copy_name(peer->name, in);
	else
		lost(SBX_LOSS_NAME);
}

/* Copies what a request asks for; returns its flags. */
static __always_inline __u64 copy_request(struct sbx_uring_request *r, struct io_kiocb *request)
{
	struct sbx_file_call *call = &r->call;

	switch (request->opcode) {
	case SBX_URING_OPENAT:
	case SBX_URING_OPENAT2: {
		struct io_open *open = (void *)request;

		call->dir = BPF_CORE_READ(open, dfd);
		r->fixed = BPF_CORE_READ(open, file_slot);
		copy_name(r->name, NAME_IN(request, io_open, filename));
		return BPF_CORE_READ(open, how.flags);
	}
	case SBX_URING_UNLINKAT: {
		struct io_unlink *unlink = (void *)request;

		call->dir = BPF_CORE_READ(unlink, dfd);
		copy_name(r->name, NAME_IN(request, io_unlink, filename));
		return BPF_CORE_READ(unlink, flags);
	}
	case SBX_URING_MKDIRAT:
		call->dir = BPF_CORE_READ((struct io_mkdir *)request, dfd);
		copy_name(r->name, NAME_IN(request, io_mkdir, filename));
		return 0;
	case SBX_URING_RENAMEAT: {
		struct io_rename *rename = (void *)request;

		call->peer_dir = BPF_CORE_READ(rename, old_dfd);
		call->dir = BPF_CORE_READ(rename, new_dfd);
		copy_peer(NAME_IN(request, io_rename, oldpath));
		copy_name(r->name, NAME_IN(request, io_rename, newpath));
		return BPF_CORE_READ(rename, flags);
	}
	case SBX_URING_LINKAT:
	case SBX_URING_SYMLINKAT: {
		struct io_link *link = (void *)request;

		call->peer_dir = BPF_CORE_READ(link, old_dfd);
		call->dir = BPF_CORE_READ(link, new_dfd);
		if (request->opcode == SBX_URING_LINKAT) /* the other one's is a text */
			copy_peer(NAME_IN(request, io_link, oldpath));
		copy_name(r->name, NAME_IN(request, io_link, newpath));
		return BPF_CORE_READ(link, flags);
	}
	}
	return 0;
}

/* Tells what came of a request. */
static __always_inline void on_request(struct sbx_scratch *s, struct sbx_uring_request *r)
{
	struct sbx_file_call *call = &r->call;
	const volatile struct sbx_spec *spec = &specs[call->index & (SBX_ABIS * SBX_CALLS - 1)];
	__u64 name = number_of(&s->number, r->name);
	struct sbx_uring_peer *peer;
	__u32 dir = call->dir;

	call->err = error_of(r->result);
	if (spec->kind == SBX_CALL_OPEN && !call->err && !r->fixed) {
		on_file(call, (__u64)file_of(r->result), spec->op[0], name);
		return;
	}
	if (spec->kind != SBX_CALL_NAMES) {
		on_name_in(call, spec->op[0], dir, name);
		return;
	}
	peer = bpf_task_storage_get(&uring_peers, bpf_get_current_task_btf(), 0, 0);
	if (!peer)
		return;
	call->peer = number_of(&s->number, peer->name);
	on_name_in(call, spec->op[1], dir, name);
	dir = call->peer_dir;
	call->peer_dir = call->dir;
	call->peer = name;
	on_name_in(call, spec->op[0], dir, number_of(&s->number, peer->name));
}

SEC("fentry/io_openat2")
int BPF_PROG(sbx_uring_begin, struct io_kiocb *request)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);
	struct sbx_uring_request *r;
	__u64 flags;
	__u32 index;

	if (!st) /* a worker, see on_submit() */
		st = bpf_task_storage_get(&tasks, task->group_leader, 0, 0);
	if (!st || st->who.phase != SBX_PHASE_SERVICE)
		return 0;
	r = bpf_task_storage_get(&uring_requests, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!r) {
		lost(SBX_LOSS_NAME);
		return 0;
	}
	if (turn && r->request == (__u64)request)
		return 0;
	index = uring_calls[bounded(request->opcode, SBX_URING_OPS)];
	r->request = (__u64)request;
	r->fixed = 0;
	r->call = (struct sbx_file_call){.task = bpf_get_current_task(),
					 .actor = st->actor,
					 .abi = SBX_ABI_NATIVE,
					 .index = index,
					 .scratch = SBX_SCRATCH_URING,
					 .in_kernel = 1};
	flags = copy_request(r, request);
	r->call.flags = (flags & spec_of(0, index)->flags_mask) | spec_of(0, index)->flags_always;
	return 0;
}

SEC("fexit/io_openat2")
int BPF_PROG(sbx_uring_end, struct io_kiocb *request, unsigned int issue_flags, int ret)
{
	struct sbx_uring_request *r = bpf_task_storage_get(&uring_requests, bpf_get_current_task_btf(), 0, 0);

	enum { EAGAIN = 11 };

	if (!r || !r->request)
		return 0;
	if (ret == -EAGAIN) { /* a worker tries it again */
		r->request = 0;
		return 0;
	}
	r->result = ret < 0 ? ret : request->cqe.res;
	bpf_tail_call(ctx, &uring_tell, turn);
	return 0;
}

/*
 * Goes on where the program above ends. Functions can be preempted, and a program at
 * another one may run meanwhile: only one has the scratch.
 */
SEC("fexit/io_openat2")
int BPF_PROG(sbx_uring_tell)
{
	struct sbx_uring_request *r = bpf_task_storage_get(&uring_requests, bpf_get_current_task_btf(), 0, 0);
	struct sbx_scratch *s = scratch(SBX_SCRATCH_URING);

	if (!r || !s)
		return 0;
	if (__sync_lock_test_and_set(&s->busy, 1)) {
		if (turn + 1 < turns) /* the second has another */
			return 0;
		lost(SBX_LOSS_NAME);
	} else {
		on_request(s, r);
		s->busy = 0;
	}
	r->request = 0;
	return 0;
}

#endif
