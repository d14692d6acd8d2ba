/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Operations that are submitted through io_uring(7) and have no system call. */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "probe.h"

OPERATION(io_uring_setup)
{
	struct io_uring_params parameters = {0};

	return call(SYS_io_uring_setup, 1, &parameters);
}

static unsigned int *field(long ring, unsigned int offset)
{
	return (unsigned int *)(ring + offset);
}

/* Submits one operation, waits for it and returns its result. */
static long submit(const struct io_uring_sqe *operation)
{
	struct io_uring_params p = {0};
	long fd = TRY(call(SYS_io_uring_setup, 1, &p));
	/* One mapping holds both rings, from Linux 5.4 on. */
	long ring = TRY(call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING));
	long entries = TRY(call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES));

	*(struct io_uring_sqe *)entries = *operation;
	*field(ring, p.sq_off.array) = 0;
	__atomic_store_n(field(ring, p.sq_off.tail), 1, __ATOMIC_RELEASE);
	TRY(call(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0));
	return ((struct io_uring_cqe *)field(ring, p.cq_off.cqes))->res;
}

OPERATION(ring_nop)
{
	return submit(&(struct io_uring_sqe){.opcode = IORING_OP_NOP});
}

OPERATION(ring_openat)
{
	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_OPENAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)area("ring_openat"),
	    .open_flags = O_RDONLY,
	});
}

OPERATION(ring_openat_create)
{
	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_OPENAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)area("ring_openat_create"),
	    .open_flags = O_WRONLY | O_CREAT,
	    .len = 0644,
	});
}

OPERATION(ring_write)
{
	long file = TRY(call(SYS_open, area("ring_write"), O_WRONLY));

	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_WRITE,
	    .fd = file,
	    .addr = (unsigned long)"probe",
	    .len = 5,
	});
}

OPERATION(ring_unlinkat)
{
	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_UNLINKAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)area("ring_unlinkat"),
	});
}

OPERATION(ring_mkdirat)
{
	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_MKDIRAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)area("ring_mkdirat"),
	    .len = 0755,
	});
}

OPERATION(ring_renameat)
{
	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_RENAMEAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)area("ring_renameat"),
	    .len = AT_FDCWD,
	    .off = (unsigned long)area("ring_renameat_new"),
	});
}

OPERATION(ring_linkat)
{
	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_LINKAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)area("ring_linkat"),
	    .len = AT_FDCWD,
	    .off = (unsigned long)area("ring_linkat_new"),
	});
}

OPERATION(ring_symlinkat)
{
	return submit(&(struct io_uring_sqe){
	    .opcode = IORING_OP_SYMLINKAT,
	    .fd = AT_FDCWD,
	    .addr = (unsigned long)"target",
	    .off = (unsigned long)area("ring_symlinkat"),
	});
}

OPERATION(ring_socket)
{
	/* The family, which no seccomp filter sees; from Linux 5.19 on. */
	return submit(&(struct io_uring_sqe){.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM, .len = 0});
}
