/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SBX_MAPS_H
#define SBX_MAPS_H

/*
 * A task's calls since its state was made, by call and outcome: a direct-mapped
 * cache in front of the map of calls, so that a call seen before costs neither a
 * hash nor an atomic operation.
 */
enum { SBX_CACHE_BITS = 7, SBX_CACHE = 1 << SBX_CACHE_BITS };

struct sbx_cached {
	__u64 key;
	__u64 count;
};

enum {
	SBX_CURRENT_NONE = 0,		   /* between two system calls */
	SBX_CURRENT_UNKNOWN = 0xffffffff,  /* it was made inside of one */
	SBX_CURRENT_EXECUTED = 0xfffffffe, /* an exec that was recorded before it returned */
	SBX_CURRENT_MADE = 0xfffffffd,	   /* the call that made the task, which is its maker's */
};

/* The answer to "is this task ours?", and all that is known of it. */
struct sbx_task {
	__u32 actor;
	__u32 current_call; /* abi << 16 | nr, or SBX_CURRENT_* */
	__u64 cred;	    /* the address of the credentials that `who` was read from */
	struct sbx_actor_key who;
	__u32 checks;	  /* whether any of the masks below is set */
	__u32 last_check; /* cap << 16 | class << 8 | granted, plus one */
	__u64 number;	  /* see number_of(); the task's own programs use it */
	__u32 taken;	  /* the hook that the first program took; see take() */
	__u32 unused;
	__u64 granted[SBX_CHECK_CLASSES];
	__u64 denied[SBX_CHECK_CLASSES];
	struct sbx_cached cache[SBX_CACHE];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sbx_task);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct sbx_cgroup);
} cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sbx_node_key);
	__type(value, struct sbx_cgroup);
} nodes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct sbx_prefix);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sbx_actor_key);
	__type(value, __u32);
} actors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sbx_call_key);
	__type(value, struct sbx_seen);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sbx_check_key);
	__type(value, struct sbx_seen);
} checks SEC(".maps");

/* One kernel stack for each way to be asked for a capability. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sbx_stack_key);
	__type(value, __s32);
} check_stacks SEC(".maps");

enum { SBX_STACK_DEPTH = 32 };

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 4096);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, SBX_STACK_DEPTH * sizeof(__u64));
} stacks SEC(".maps");

/* How often something was seen again after it was reported, and when. */
struct sbx_again {
	__u64 count;
	__u64 last;  /* ns since boot, at the first time in that tick */
	__u64 ticks; /* the kernel's own, at the last time: a clock that costs nothing */
};

/*
 * What was reported already. What is pushed out of it is reported again: that
 * costs, and loses nothing but counts.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 131072);
	__type(key, struct sbx_file_key);
	__type(value, struct sbx_again);
} files SEC(".maps");

/* How many names there were in a directory. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, struct sbx_directory_key);
	__type(value, struct sbx_again);
} directories SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} events SEC(".maps");

/* Room for an event that is too large for the stack, and for the walk to its path. */
enum { SBX_DATA = 4 * SBX_PATH + 2 * SBX_NAME };

struct sbx_walk {
	__u64 dentry;
	__u64 mount;
	__u64 root_dentry;
	__u64 root_mount;
	__u32 off; /* of the next name in the data */
	__u32 inside;
	__u64 directory; /* see hash_given() */
};

struct sbx_scratch {
	struct sbx_event event;
	__u8 data[SBX_DATA];
	struct sbx_walk walk;
	struct sbx_node_key node;
	struct sbx_file_key key;
	struct sbx_directory_key directory; /* of the last operation whose name was new */
	__u32 folded;			    /* whether that has too many names */
	__u64 number;			    /* see number_of() */
	__u32 busy;			    /* of SBX_SCRATCH_URING, see uringfiles.h */
	__u32 unused;
};

/*
 * All programs at tracepoints are loaded once more where they can be preempted (Linux
 * 7.2): the kernel leaves out a program that runs already on the CPU, though it does so
 * for another task, until that one goes on. This is 0 in the first of the two and 1 in
 * the one that runs after it. See take().
 */
const volatile __u32 turn;
const volatile __u32 turns = 1; /* how many there are */

/* What is on its way when another program begins has a scratch of its own. */
enum {
	SBX_SCRATCH_CALL,
	SBX_SCRATCH_FORK,
	SBX_SCRATCH_MOVE,
	SBX_SCRATCH_CGROUP,
	SBX_SCRATCH_EXEC,
	SBX_SCRATCH_SIGNAL,
	SBX_SCRATCH_ITERATOR,
	SBX_SCRATCH_ENTRIES,
	SBX_SCRATCH_URING,
	SBX_SCRATCH_KINDS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2 * SBX_SCRATCH_KINDS); /* by turn */
	__type(key, __u32);
	__type(value, struct sbx_scratch);
} scratches SEC(".maps");

#endif
