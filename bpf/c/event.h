/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SBX_EVENT_H
#define SBX_EVENT_H

static __always_inline struct sbx_scratch *scratch(__u32 which)
{
	return bpf_map_lookup_elem(&scratches, &which);
}

static __always_inline void begin_event(struct sbx_scratch *s, enum sbx_event_kind kind, struct task_struct *task)
{
	__builtin_memset(&s->event, 0, sizeof(s->event));
	s->event.kind = kind;
	s->event.time = bpf_ktime_get_boot_ns();
	s->event.tgid = tgid_of(task);
}

/* Sends the head and as much of the data as is used; a full ring is counted. */
static __always_inline bool send_event(struct sbx_scratch *s)
{
	__u32 used = s->event.given + s->event.walked;

	if (used > SBX_DATA)
		used = SBX_DATA;
	if (!bpf_ringbuf_output(&events, s, sizeof(s->event) + used, 0))
		return true;
	lost(SBX_LOSS_RING);
	return false;
}

#endif
