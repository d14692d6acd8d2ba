/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel side and the Go side share; bpf2go turns it into Go types. */
#ifndef SBX_TYPES_H
#define SBX_TYPES_H

enum {
	SBX_ABIS = 4,		/* 0 is unused, so that no key of a cached call is 0 */
	SBX_CALLS = 1024,	/* more than any ABI has numbers */
	SBX_ARGS = 4,		/* arguments of one call that decide something */
	SBX_NAME = 256,		/* NAME_MAX and the NUL */
	SBX_PATH = 4096,	/* PATH_MAX */
	SBX_PREFIX = 64,	/* of a pattern of unit names, as much as is looked at here */
	SBX_UNIT_MADE = 0x4000, /* the first index of a unit that the kernel side found */
	SBX_UNITS = 0x8000,
	SBX_ARGV = 512,	   /* of a command line, enough to tell Exec lines apart */
	SBX_ADDRESS = 128, /* of a socket address: struct sockaddr_storage */
};

/* The calling conventions. A number means something only together with one. */
enum sbx_abi {
	SBX_ABI_NATIVE = 1,
	SBX_ABI_COMPAT = 2, /* i386, 32-bit arm */
	SBX_ABI_X32 = 3,
};

enum sbx_phase {
	SBX_PHASE_SETUP = 0,
	SBX_PHASE_SERVICE = 1,
};

/* Every way to lose something, each with a counter. */
enum sbx_loss {
	SBX_LOSS_RING,	  /* an event did not fit into the ring buffer */
	SBX_LOSS_CALLS,	  /* the map of system calls was full */
	SBX_LOSS_CHECKS,  /* the map of capability checks was full */
	SBX_LOSS_ACTORS,  /* there were more actors than ids */
	SBX_LOSS_TASKS,	  /* no memory for a task's state: nothing of it was seen */
	SBX_LOSS_UNITS,	  /* there were more units than indexes, or their map was full */
	SBX_LOSS_CGROUPS, /* the map of cgroups was full */
	SBX_LOSS_NAME,	  /* a file name or address could not be read from the process */
	SBX_LOSS_RETURN,  /* both programs were left out when a call returned */
	SBX_LOSS_VERDICT, /* perhaps a filter answered a call, and entries were not watched yet */
	SBX_LOSS_MAX,
};

/* When a system call is recorded. */
enum sbx_when {
	SBX_AT_EXIT,	   /* when it returns */
	SBX_NEVER_RETURNS, /* when it is entered: exit */
	SBX_EXIT_UNSEEN,   /* when it is entered, though it returns: rt_sigreturn */
};

/* What a system call does with files, and where its names are. */
enum sbx_call_kind {
	SBX_CALL_PLAIN,	   /* nothing */
	SBX_CALL_OPEN,	   /* returns a new descriptor for the name */
	SBX_CALL_NAME,	   /* acts on one name */
	SBX_CALL_NAMES,	   /* acts on two names */
	SBX_CALL_CWD,	   /* makes the name the working directory */
	SBX_CALL_ROOT,	   /* makes the name the root directory */
	SBX_CALL_FD,	   /* acts on an open descriptor */
	SBX_CALL_EXEC,	   /* executes the name; success is seen at the exec itself */
	SBX_CALL_SIGNAL,   /* names a process to send a signal to */
	SBX_CALL_ADDRESS,  /* names a socket address: descriptor, address, its length */
	SBX_CALL_MESSAGE,  /* names a socket address in a struct msghdr */
	SBX_CALL_MESSAGES, /* the same in an array of struct mmsghdr */
	SBX_CALL_SOCKET,   /* acts on a socket without naming an address */
	SBX_CALL_ACCEPT,   /* returns a new descriptor for a peer */
};

/* The operations of io_uring that have a name and a function of the kernel for it (enum
 * io_uring_op of linux/io_uring.h). */
enum sbx_uring_op {
	SBX_URING_OPENAT = 18,
	SBX_URING_OPENAT2 = 28,
	SBX_URING_RENAMEAT = 35,
	SBX_URING_UNLINKAT = 36,
	SBX_URING_MKDIRAT = 37,
	SBX_URING_SYMLINKAT = 38,
	SBX_URING_LINKAT = 39,
	SBX_URING_OPS = 64, /* a power of two above them */
};

enum {
	SBX_NO_ARG = 0xff,    /* there is no such argument (a directory: the working directory) */
	SBX_REGISTER = 0xff,  /* the argument itself, and not what it points to */
	SBX_REGISTERS = 0xfe, /* the argument and the one after it, which have no bits in common */
};

/*
 * What to record of one system call beyond that it was made. An argument that
 * decides something is a register, or 32 bits at an offset of what it points to.
 */
struct sbx_spec {
	__u8 kind;   /* enum sbx_call_kind */
	__u8 when;   /* enum sbx_when */
	__u8 nargs;  /* how many of arg[] are used */
	__u8 if_arg; /* record arguments only if this one has one of if_bits, or SBX_NO_ARG */
	__u8 arg[SBX_ARGS];
	__u8 offset[SBX_ARGS]; /* or SBX_REGISTER */
	__u32 mask[SBX_ARGS];  /* the bits that decide something */
	__u32 if_bits;
	/* The arguments after the first are recorded if the bit of the first's value is
	 * set here, or if all bits are. */
	__u64 if_first;
	__u32 flags_mask;
	__u32 flags_always; /* flags that the call implies */
	__u32 skip_bits;    /* no file operation if skip_arg has one of these */
	__u8 flags_arg;	    /* the argument with the flags of a file operation, or SBX_NO_ARG */
	__u8 flags_offset;
	__u8 skip_arg;	    /* or SBX_NO_ARG */
	__u8 only_if_flags; /* no file operation without any of the flags */
	__u8 dir[2];	    /* the arguments with the directory descriptors */
	__u8 name[2];	    /* the arguments with the names; name[0] is the descriptor of
			     * SBX_CALL_FD, the address of SBX_CALL_ADDRESS, the process of
			     * SBX_CALL_SIGNAL */
	__u8 op[2];	    /* what is done to each, in the Go side's numbers */
};

/* Membership of a cgroup: the node of the trie of watched paths, or the unit. */
struct sbx_cgroup {
	__u32 node;
	__s32 unit;  /* index of the unit, or -1 above one */
	__u32 below; /* whether services below it are units of their own, see sbx_prefix */
};

/* How the names of those services begin, by node. */
struct sbx_prefix {
	__u32 len;
	__u8 text[SBX_PREFIX];
};

struct sbx_node_key {
	__u32 parent;
	__u8 name[SBX_NAME];
};

struct sbx_actor_key {
	__u64 command; /* hash of the command line systemd started; 0 is unknown */
	__u64 exe_ino;
	__u32 exe_dev;
	__u32 uid;
	__u32 gid;
	__u16 unit;
	__u16 phase;
};

struct sbx_call_key {
	__u32 actor;
	__u16 nr;
	__u16 err; /* 0, an errno, or SBX_UNFINISHED or SBX_KILLED */
	__u8 abi;
	__u8 filtered;
	__u16 has_args; /* 0, 1 for the first argument only, 2 for all */
	__u32 unused;
	__u64 args[SBX_ARGS];
};

enum {
	SBX_UNFINISHED = 0xfff,
	SBX_KILLED = 0xffe,   /* a filter answered with SIGSYS */
	SBX_NO_CALL = 0xffff, /* a number for "outside of a system call" */
};

struct sbx_seen {
	__u64 count;
	__u64 first; /* ns since boot */
	__u64 last;
	__u32 tgid; /* of the first, in the recorder's PID namespace */
	__u32 unused;
};

enum {
	SBX_CHECK_FOREIGN = 1,	  /* asked in another user namespace than the initial one */
	SBX_CHECK_OVERRIDDEN = 2, /* asked with other credentials than the task's own */
	SBX_CHECK_QUIET = 4,	  /* a denial would not be audited; only where that is known */
	SBX_CHECK_CLASSES = 8,
};

struct sbx_check_key {
	__u32 actor;
	__u16 nr;
	__u16 err; /* how the system call ended */
	__u8 abi;
	__u8 cap;
	__u8 class;
	__u8 granted;
};

struct sbx_stack_key {
	__u32 unused;
	__u16 nr;
	__u8 abi;
	__u8 cap;
	__u8 class;
	__u8 granted;
	__u16 unused2;
};

/* An operation: what makes it another one than those that were reported. */
struct sbx_file_key {
	__u32 actor;
	__u16 err;
	__u8 op;
	__u8 how;     /* enum sbx_how */
	__u64 object; /* dentry of the file, or of the directory that a name is relative to */
	__u64 place;  /* hash of the file's parent and mount */
	__u64 ino;
	__u64 name; /* generation and hash of the file's name, or hash of the given one */
	__u64 flags;
};

enum sbx_how {
	SBX_BY_FILE,	/* the kernel's own idea of an open file */
	SBX_BY_NAME,	/* a name as given */
	SBX_BY_ADDRESS, /* a socket address */
	SBX_BY_PROCESS, /* a process that got a signal */
	SBX_FOLDED = 8, /* or'ed to it: any name in the directory that is the object */
};

/* A directory in which one actor does one thing to many names. */
struct sbx_directory_key {
	__u32 actor;
	__u16 err;
	__u8 op;
	__u8 how;
	__u64 object;
	__u64 name; /* hash of the given name up to the last component */
	__u64 flags;
};

enum {
	/* Of sbx_file_key.op; the others are the Go side's alone. */
	SBX_OP_EXECUTE = 1,
	SBX_OP_BIND = 2,
	SBX_OP_LISTEN = 3,
	SBX_OP_STAT = 4,
	SBX_OP_ACCESS = 5,
};

enum sbx_event_kind {
	SBX_EVENT_ACTOR = 1,   /* a new actor: its executable's path */
	SBX_EVENT_COMMAND = 2, /* systemd started a command: its argv, then the path */
	SBX_EVENT_FILE = 3,    /* the first time of an operation on a path */
	SBX_EVENT_ADDRESS = 4, /* the first time of an operation on a socket address */
	SBX_EVENT_SIGNAL = 5,  /* the first signal of a kind to a process outside */
	SBX_EVENT_UNIT = 7,    /* a service that is watched with its slice: its name */
	SBX_EVENT_MOVE = 6,    /* a task changed its cgroup: the new one's path */
	SBX_EVENT_ENTRIES = 8, /* entries of calls have to be watched, see entries.h */
};

enum {
	SBX_PATH_PARTIAL = 1,  /* not whole: too long, or it could not be read */
	SBX_PATH_DETACHED = 2, /* of a file system that is mounted nowhere (pipe, memfd) */
	SBX_PATH_UNLINKED = 4, /* the file has no name any more, or never had */
	SBX_PATH_OUTSIDE = 8,  /* the process's root was not on the way up */
	SBX_PATH_NO_NAME = 16, /* the given name could not be read */
	SBX_PATH_FOLDED = 32,  /* the last component stands for any name in its directory */
};

/* The parts of struct sock that decide something. */
struct sbx_socket {
	__u16 family;
	__u16 type;
	__u16 protocol;
	__u16 port; /* the local one that the program chose, in host order */
	__u8 v6_only;
	__u8 unused[7];
};

/*
 * The head of every event. After it come `given` bytes: a name as the program gave
 * it, an argv, or a socket address; then `walked` bytes: the names of a path from
 * its end up to the root of the mount namespace; then `based` bytes: the same for the
 * directory that the given name is relative to, if the first path is not that; then
 * `peer` bytes, a name. Each name has its NUL.
 */
struct sbx_event {
	__u8 kind; /* enum sbx_event_kind */
	__u8 path; /* SBX_PATH_* */
	__u16 given;
	__u16 walked;
	__u16 root_at; /* how many bytes of `walked` lie below the process's root */
	__u64 time;    /* ns since boot */
	__u16 based;
	__u16 peer;		    /* the other name of a rename or link, relative to `based` */
	__u32 tgid;		    /* in the recorder's PID namespace */
	__u32 mnt_ns;		    /* the inode number of the process's mount namespace */
	__u64 root;		    /* tells roots of one mount namespace apart */
	struct sbx_file_key key;    /* key.actor is set in every event but a move in */
	struct sbx_actor_key actor; /* of an actor, a command or a move */
	/* of the file; uid also of a process that got a signal */
	__u32 fs_magic;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	__u32 rdev;
	/* of its directory */
	__u32 parent_mode;
	__u32 parent_uid;
	__u32 parent_gid;
	__u32 f_mode; /* of an opened file */
	__u32 target; /* the process that got a signal, or was named in the call */
	struct sbx_socket socket;
	__u8 in;      /* of a move */
	__u8 threads; /* of a move: there are more threads than the one that was seen */
	__u8 unused2[2];
};

#endif
