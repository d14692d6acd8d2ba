/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which system calls were made, with which arguments, and how they ended. */
#ifndef SBX_CALLS_H
#define SBX_CALLS_H

/* By ABI and number; set before loading. */
const volatile struct sbx_spec specs[SBX_ABIS * SBX_CALLS];

static __always_inline const volatile struct sbx_spec *spec_of(__u32 abi, __u32 nr)
{
	return &specs[bounded(abi * SBX_CALLS + nr, SBX_ABIS * SBX_CALLS)];
}

static __always_inline void seen(struct sbx_seen *value, __u64 count)
{
	__sync_fetch_and_add(&value->count, count);
	value->last = bpf_ktime_get_boot_ns();
}

/* Adds to the count of a call; the current task is the one that made it. */
__noinline int count_call(struct sbx_call_key *call, __u64 count)
{
	struct sbx_seen first = {.count = count}, *value;
	struct sbx_call_key key;

	if (!call)
		return 0;
	key = *call;
	value = bpf_map_lookup_elem(&calls, &key);
	if (!value) {
		if (key.abi != SBX_ABI_NATIVE || has_filter(bpf_get_current_task_btf()))
			need_entries();
		first.first = first.last = bpf_ktime_get_boot_ns();
		first.tgid = tgid_of(bpf_get_current_task());
		if (!bpf_map_update_elem(&calls, &key, &first, BPF_NOEXIST))
			return 0;
		value = bpf_map_lookup_elem(&calls, &key); /* another CPU was faster */
	}
	if (value)
		seen(value, count);
	else
		lost(SBX_LOSS_CALLS);
	return 0;
}

/*
 * A call as 64 bits, for the cache: number, ABI, filtered, errno, and arguments
 * that are small enough. 0 if they are not; the ABI is never 0.
 */
static __always_inline __u64 pack_call(const struct sbx_call_key *key)
{
	if (key->args[0] >> 16 || key->args[1] >> 12 || key->args[2] >> 8 || key->args[3])
		return 0;
	return (__u64)key->nr | (__u64)key->abi << 10 | (__u64)key->filtered << 12 | (__u64)key->err << 13 |
	       (__u64)key->has_args << 25 | key->args[0] << 27 | key->args[1] << 43 | key->args[2] << 55;
}

static __always_inline void unpack_call(__u64 packed, struct sbx_call_key *key)
{
	key->nr = packed & 1023;
	key->abi = packed >> 10 & 3;
	key->filtered = packed >> 12 & 1;
	key->err = packed >> 13 & 0xfff;
	key->has_args = packed >> 25 & 3;
	key->args[0] = packed >> 27 & 0xffff;
	key->args[1] = packed >> 43 & 0xfff;
	key->args[2] = packed >> 55 & 0xff;
}

static __always_inline __u32 slot_of(__u64 packed)
{
	return packed * 0x9e3779b97f4a7c15 >> (64 - SBX_CACHE_BITS);
}

/*
 * The first time of a call goes to the map at once: nothing depends on the cache
 * but counts. An evicted entry takes its count along.
 */
__noinline int cache_call(struct sbx_task *st, __u64 packed)
{
	__u32 slot = slot_of(packed) & (SBX_CACHE - 1);
	struct sbx_call_key key = {};

	if (!st)
		return 0;
	key.actor = st->actor;
	if (st->cache[slot].key && st->cache[slot].count) {
		unpack_call(st->cache[slot].key, &key);
		count_call(&key, st->cache[slot].count);
	}
	st->cache[slot].key = packed;
	st->cache[slot].count = 0;
	unpack_call(packed, &key);
	return count_call(&key, 1);
}

static __always_inline void record_call(struct sbx_task *st, struct sbx_call_key *key)
{
	__u64 packed = pack_call(key);
	struct sbx_cached *cached = &st->cache[slot_of(packed)];

	if (!packed)
		count_call(key, 1);
	else if (cached->key == packed)
		cached->count++;
	else
		cache_call(st, packed);
}

/* Counts a call without arguments if it is in the cache, as most are. */
static __always_inline bool count_again(struct sbx_task *st, __u32 abi, __u32 nr, __u32 err)
{
	__u64 packed = (__u64)nr | (__u64)abi << 10 | (__u64)err << 13;
	struct sbx_cached *cached = &st->cache[slot_of(packed)];

	if (cached->key != packed)
		return false;
	cached->count++;
	return true;
}

/* Brings the counts of the cache home, and forgets it: it belongs to one actor. */
__noinline int flush_calls(struct sbx_task *st)
{
	struct sbx_call_key key = {};

	if (!st)
		return 0;
	key.actor = st->actor;
	for (int i = 0; i < SBX_CACHE; i++) {
		__u64 count = st->cache[i].count;

		if (count) {
			unpack_call(st->cache[i].key, &key);
			count_call(&key, count);
		}
		st->cache[i].key = 0;
		st->cache[i].count = 0;
	}
	return 0;
}

/*
 * The same for a task that runs meanwhile, perhaps as another actor by now: adds
 * to calls that are known already, so that nothing can be made up.
 */
__noinline int peek_calls(struct sbx_task *st)
{
	if (!st)
		return 0;
	for (int i = 0; i < SBX_CACHE; i++) {
		struct sbx_call_key key = {.actor = st->actor};
		__u64 count = st->cache[i].count;
		struct sbx_seen *value;

		if (!count)
			continue;
		unpack_call(st->cache[i].key, &key);
		value = bpf_map_lookup_elem(&calls, &key);
		if (!value)
			continue;
		seen(value, count);
		__sync_fetch_and_add(&st->cache[i].count, -count);
	}
	return 0;
}

static __always_inline __u64 decisive(__u32 abi, __u32 arg, __u32 offset)
{
	__u64 value = argument(abi, arg);
	__u32 word = 0;

	if (offset == SBX_REGISTER)
		return value;
	if (offset == SBX_REGISTERS)
		return value | argument(abi, arg + 1);
	bpf_probe_read_user(&word, sizeof(word), (void *)(value + offset));
	return word;
}

/* Reads the arguments that decide something. */
__noinline int read_arguments(struct sbx_call_key *key, __u32 index)
{
	const volatile struct sbx_spec *spec = &specs[index & (SBX_ABIS * SBX_CALLS - 1)];
	__u32 if_arg;

	if (!key)
		return 0;
	if_arg = spec->if_arg;
	if (if_arg != SBX_NO_ARG && !(argument(key->abi, if_arg) & spec->if_bits))
		return 0;
	key->has_args = 2;
	for (int i = 0; i < SBX_ARGS; i++) {
		if (i >= spec->nargs)
			break;
		key->args[i] = decisive(key->abi, spec->arg[i], spec->offset[i]) & spec->mask[i];
		if (i == 0 && ~spec->if_first && (key->args[0] > 63 || !(spec->if_first >> (key->args[0] & 63) & 1))) {
			key->has_args = 1;
			break;
		}
	}
	return 0;
}

#endif
