/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events, and the functions that fill them. Those are global functions (not
 * static): the verifier checks each once and for itself, and not again for every
 * place and turn of a loop that calls it. Their arguments may be numbers and
 * pointers to memory only; a pointer into the kernel is passed as a number.
 */
#ifndef SBX_EVENT_H
#define SBX_EVENT_H

/*
 * A pointer into the kernel as a number, by way of a map's memory: what is loaded
 * from there has no type for the verifier.
 */
static __always_inline __u64 number_of(__u64 *slot, const void *pointer)
{
	*(const void *volatile *)slot = pointer;
	return *(volatile __u64 *)slot;
}

static __always_inline struct sbx_scratch *scratch(__u32 which)
{
	which += turn * SBX_SCRATCH_KINDS;
	return bpf_map_lookup_elem(&scratches, &which);
}

static __always_inline void begin_event(struct sbx_scratch *s, enum sbx_event_kind kind, __u64 task)
{
	struct task_struct *t = (void *)task;

	__builtin_memset(&s->event, 0, sizeof(s->event));
	s->event.kind = kind;
	s->event.time = bpf_ktime_get_boot_ns();
	s->event.tgid = tgid_of(task);
	s->event.mnt_ns = BPF_CORE_READ(t, nsproxy, mnt_ns, ns.inum);
	s->event.root = (__u64)BPF_CORE_READ(t, fs, root.dentry);
}

/*
 * When the reader has to be woken: at once for what it must look up while the
 * process lives; for the rest when the ring fills, since it also looks by itself.
 */
static __always_inline __u64 wakeup(__u8 kind)
{
	__u64 gathered, enough;
	if (kind != SBX_EVENT_FILE && kind != SBX_EVENT_ADDRESS)
		return BPF_RB_FORCE_WAKEUP;
	gathered = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);
	enough = bpf_ringbuf_query(&events, BPF_RB_RING_SIZE) / 8;
	/* Once: who is awake reads on until nothing is left. */
	if (gathered >= enough && gathered < enough + SBX_PATH)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

/* Sends the head and as much of the data as is used; 0 if the ring was full. */
__noinline int send_event(struct sbx_scratch *s)
{
	__u32 used;

	if (!s)
		return 0;
	used = s->event.given + s->event.walked + s->event.based + s->event.peer;
	if (used > SBX_DATA)
		used = SBX_DATA;
	if (!bpf_ringbuf_output(&events, s, sizeof(s->event) + used, wakeup(s->event.kind)))
		return 1;
	lost(SBX_LOSS_RING);
	return 0;
}

#endif
