/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every program does, and IPC: no directive denies it but a narrow filter. */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "probe.h"

OPERATION(getpid)
{
	return call(SYS_getpid);
}

OPERATION(uname)
{
	struct utsname name;

	return call(SYS_uname, &name);
}

OPERATION(sysinfo)
{
	struct sysinfo info;

	return call(SYS_sysinfo, &info);
}

OPERATION(getrandom)
{
	char bytes[8];

	return call(SYS_getrandom, bytes, sizeof(bytes), 0);
}

OPERATION(getcpu)
{
	return call(SYS_getcpu, 0, 0, 0);
}

OPERATION(futex)
{
	int word = 0;

	return call(SYS_futex, &word, 1 /* FUTEX_WAKE */, 1);
}

OPERATION(pipe2)
{
	int ends[2];

	return call(SYS_pipe2, ends, O_CLOEXEC);
}

OPERATION(eventfd2)
{
	return call(SYS_eventfd2, 0, 0);
}

OPERATION(epoll_wakeup)
{
	/* Without CAP_BLOCK_SUSPEND the flag is dropped and the call succeeds. */
	struct epoll_event event = {.events = EPOLLIN | EPOLLWAKEUP};
	long queue = TRY(call(SYS_epoll_create1, 0));
	long other = TRY(call(SYS_eventfd2, 0, 0));

	return call(SYS_epoll_ctl, queue, EPOLL_CTL_ADD, other, &event);
}

OPERATION(poll)
{
	return call(SYS_poll, 0, 0, 0);
}

OPERATION(bad_descriptor)
{
	char byte;

	return call(SYS_read, -1, &byte, 1);
}

OPERATION(unknown_call)
{
	return call(999);
}

OPERATION(io_setup)
{
	unsigned long context = 0;

	return call(SYS_io_setup, 1, &context);
}

OPERATION(mq_open)
{
	long queue = TRY(call(SYS_mq_open, "probe", O_RDWR | O_CREAT, 0600, 0));

	TRY(call(SYS_mq_unlink, "probe")); /* or it would outlive the process */
	return queue;
}

/* Segments, sets and queues outlive the process: each is removed at once. */

OPERATION(shmget)
{
	long id = TRY(call(SYS_shmget, IPC_PRIVATE, 4096, 0600));

	return call(SYS_shmctl, id, IPC_RMID, 0);
}

OPERATION(semget)
{
	long id = TRY(call(SYS_semget, IPC_PRIVATE, 1, 0600));

	return call(SYS_semctl, id, 0, IPC_RMID, 0);
}

OPERATION(msgget)
{
	long id = TRY(call(SYS_msgget, IPC_PRIVATE, 0600));

	return call(SYS_msgctl, id, IPC_RMID, 0);
}

OPERATION(msgsnd_not_allowed)
{
	/* A queue that not even its owner may write to, without CAP_IPC_OWNER. */
	const struct {
		long type;
		char text[1];
	} message = {1, {0}};
	long id = TRY(call(SYS_msgget, IPC_PRIVATE, 0));
	long sent = call(SYS_msgsnd, id, &message, 1, IPC_NOWAIT);

	TRY(call(SYS_msgctl, id, IPC_RMID, 0));
	return sent;
}
