/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which system calls were made, with which arguments, and how they ended. */
#ifndef SBX_CALLS_H
#define SBX_CALLS_H

/* By ABI and number; set before loading. */
const volatile struct sbx_spec specs[SBX_ABIS * SBX_CALLS];

static __always_inline const volatile struct sbx_spec *spec_of(__u32 abi, __u32 nr)
{
	return &specs[(abi & (SBX_ABIS - 1)) * SBX_CALLS + (nr & (SBX_CALLS - 1))];
}

static __always_inline void seen(struct sbx_seen *value, __u64 count)
{
	__sync_fetch_and_add(&value->count, count);
	value->last = bpf_ktime_get_boot_ns();
}

static __noinline void count_call(struct sbx_call_key *key, __u64 count, struct task_struct *task)
{
	struct sbx_seen first = {.count = count}, *value = bpf_map_lookup_elem(&calls, key);

	if (!value) {
		first.first = first.last = bpf_ktime_get_boot_ns();
		first.tgid = tgid_of(task);
		if (!bpf_map_update_elem(&calls, key, &first, BPF_NOEXIST))
			return;
		value = bpf_map_lookup_elem(&calls, key); /* another CPU was faster */
	}
	if (value)
		seen(value, count);
	else
		lost(SBX_LOSS_CALLS);
}

/*
 * A call as 64 bits, for the cache: number, ABI, filtered, errno, and arguments
 * that are small enough. 0 if they are not; the ABI is never 0.
 */
static __always_inline __u64 pack_call(const struct sbx_call_key *key)
{
	if (key->args[0] >> 16 || key->args[1] >> 12 || key->args[2] >> 9 || key->args[3])
		return 0;
	return (__u64)key->nr | (__u64)key->abi << 10 | (__u64)key->filtered << 12 | (__u64)key->err << 13 |
	       (__u64)key->has_args << 25 | key->args[0] << 26 | key->args[1] << 42 | key->args[2] << 54;
}

static __always_inline void unpack_call(__u64 packed, struct sbx_call_key *key)
{
	key->nr = packed & 1023;
	key->abi = packed >> 10 & 3;
	key->filtered = packed >> 12 & 1;
	key->err = packed >> 13 & 0xfff;
	key->has_args = packed >> 25 & 1;
	key->args[0] = packed >> 26 & 0xffff;
	key->args[1] = packed >> 42 & 0xfff;
	key->args[2] = packed >> 54 & 0x1ff;
}

/*
 * The first time of a call goes to the map at once: nothing depends on the cache
 * but counts. An evicted entry takes its count along.
 */
static __noinline void cache_call(struct sbx_task *st, struct task_struct *task, struct sbx_call_key *key,
				  __u64 packed)
{
	struct sbx_cached *cached = &st->cache[packed * 0x9e3779b97f4a7c15 >> (64 - SBX_CACHE_BITS)];
	struct sbx_call_key evicted = {.actor = st->actor};

	if (cached->key && cached->count) {
		unpack_call(cached->key, &evicted);
		count_call(&evicted, cached->count, task);
	}
	cached->key = packed;
	cached->count = 0;
	count_call(key, 1, task);
}

static __always_inline void record_call(struct sbx_task *st, struct task_struct *task, struct sbx_call_key *key)
{
	__u64 packed = pack_call(key);
	struct sbx_cached *cached = &st->cache[packed * 0x9e3779b97f4a7c15 >> (64 - SBX_CACHE_BITS)];

	if (packed && cached->key == packed)
		cached->count++;
	else if (packed)
		cache_call(st, task, key, packed);
	else
		count_call(key, 1, task);
}

/* Brings the counts of the cache home, and forgets it: it belongs to one actor. */
static __noinline void flush_calls(struct sbx_task *st, struct task_struct *task)
{
	for (int i = 0; i < SBX_CACHE; i++) {
		struct sbx_call_key key = {.actor = st->actor};
		__u64 count = st->cache[i].count;

		if (count) {
			unpack_call(st->cache[i].key, &key);
			count_call(&key, count, task);
		}
		st->cache[i].key = 0;
		st->cache[i].count = 0;
	}
}

static __always_inline __u64 decisive(struct pt_regs *regs, __u32 abi, __u32 arg, __u32 offset)
{
	__u64 value = argument(regs, abi, arg);
	__u32 word = 0;

	if (offset == SBX_REGISTER)
		return value;
	bpf_probe_read_user(&word, sizeof(word), (void *)(value + offset));
	return word;
}

static __noinline void read_arguments(struct sbx_call_key *key, struct pt_regs *regs,
				      const volatile struct sbx_spec *spec)
{
	__u32 if_arg = spec->if_arg;

	if (!spec->nargs || (if_arg != SBX_NO_ARG && !(argument(regs, key->abi, if_arg) & spec->if_bits)))
		return;
	key->has_args = 1;
	for (int i = 0; i < SBX_ARGS; i++) {
		if (i >= spec->nargs)
			break;
		key->args[i] = decisive(regs, key->abi, spec->arg[i], spec->offset[i]) & spec->mask[i];
	}
}

#endif
