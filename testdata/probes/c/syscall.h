/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* System calls of x86_64 by each of its three ABIs, and nothing between them. */
#ifndef PROBE_SYSCALL_H
#define PROBE_SYSCALL_H

#include <sys/syscall.h>

static inline __attribute__((always_inline)) long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* The sixth argument is 0: it would have to travel in the frame pointer. */
static inline __attribute__((always_inline)) long i386_call5(long nr, long a, long b, long c, long d, long e)
{
	int ret;

	__asm__ volatile("push %%rbp; xor %%ebp, %%ebp; int $0x80; pop %%rbp"
			 : "=a"(ret)
			 : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "r8", "r9", "r10", "r11", "memory");
	return ret < 0 && ret > -4096 ? ret : (long)(unsigned int)ret; /* an address may be above 2 GiB */
}

/* Arguments that are not given are 0. */
#define CALL_(nr, a, b, c, d, e, f, ...)                                                                               \
	call6((long)(nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define call(...) CALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

#define I386_CALL_(nr, a, b, c, d, e, ...) i386_call5((long)(nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
#define i386_call(...) I386_CALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

enum { X32_BIT = 0x40000000 };
#define x32_call(nr, ...) call((nr) | X32_BIT, ##__VA_ARGS__)

/* Numbers that the headers of Linux 6.1 do not have yet. */
enum {
	NR_cachestat = 451,
	NR_fchmodat2 = 452,
	NR_statmount = 457,
	NR_listmount = 458,
	NR_mseal = 462,
	NR_setxattrat = 463,
	NR_getxattrat = 464,
	NR_removexattrat = 466,
};

#endif
