/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an operation is made of. It does its one system call, after those that this
 * one needs, and returns what the call returned. Nothing else happens: no libc, no
 * allocation, no cleaning up but where something would outlive the process.
 */
#ifndef PROBE_H
#define PROBE_H

#include "syscall.h"

struct operation {
	const char *name;
	long (*run)(void);
};

/* The linker gathers the section's operations into one table, see main.c. */
#define OPERATION(op)                                                                                                  \
	static long operate_##op(void);                                                                                \
	static const struct operation operation_##op                                                                   \
	    __attribute__((used, section("operations"), aligned(16))) = {#op, operate_##op};                           \
	static long operate_##op(void)

/* The value of a preparing call; its failure is the operation's outcome. */
#define TRY(expression)                                                                                                \
	({                                                                                                             \
		long result_ = (expression);                                                                           \
		if (result_ < 0)                                                                                       \
			return result_;                                                                                \
		result_;                                                                                               \
	})

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Ids as the kernel hands them over with the program, without a system call. */
extern struct self {
	long uid, euid, gid, egid;
	long outside; /* a process of the user OTHER_ID: $PROBE_OUTSIDE */
} self;

/* A user that owns what is neither root's nor that of the one who runs the probe. */
enum { OTHER_ID = 4712 };

/* The path of a name in the working area. */
const char *area(const char *name);

/* Waits for any child and returns its exit status, or an error. */
static inline long reap(void)
{
	int status = 0;
	long pid = call(SYS_wait4, -1, &status, 0x40000000 /* __WALL */, 0);

	return pid < 0 ? pid : (status >> 8 & 0xff);
}

static inline __attribute__((noreturn)) void leave(long status)
{
	for (;;)
		call(SYS_exit_group, status);
}

/* What a child of fork(2) or clone(2) does: nothing. */
static inline long parent_of(long pid)
{
	if (pid == 0)
		leave(0);
	return pid < 0 ? pid : reap();
}

#endif
