/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading and writing what is in a file that was opened. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "probe.h"

OPERATION(read)
{
	long file = TRY(call(SYS_open, area("read"), O_RDONLY));
	char bytes[16];

	return call(SYS_read, file, bytes, sizeof(bytes));
}

OPERATION(write)
{
	long file = TRY(call(SYS_open, area("write"), O_WRONLY));

	return call(SYS_write, file, "probe", 5);
}

OPERATION(pwritev2)
{
	long file = TRY(call(SYS_open, area("pwritev2"), O_WRONLY));
	struct iovec part = {"probe", 5};

	return call(SYS_pwritev2, file, &part, 1, 0, 0, 0);
}

OPERATION(fsync)
{
	long file = TRY(call(SYS_open, area("fsync"), O_WRONLY));

	return call(SYS_fsync, file);
}

OPERATION(flock)
{
	long file = TRY(call(SYS_open, area("flock"), O_RDONLY));

	return call(SYS_flock, file, 2 /* LOCK_EX */);
}

OPERATION(fcntl_lock)
{
	long file = TRY(call(SYS_open, area("fcntl_lock"), O_WRONLY));
	struct flock lock = {.l_type = F_WRLCK};

	return call(SYS_fcntl, file, F_SETLK, &lock);
}

OPERATION(mmap_shared_write)
{
	long file = TRY(call(SYS_open, area("mmap_shared_write"), O_RDWR));
	volatile char *bytes = (char *)TRY(call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));

	bytes[0] = 'P';
	return 0;
}

OPERATION(mmap_private_read)
{
	long file = TRY(call(SYS_open, area("mmap_private_read"), O_RDONLY));

	return call(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, file, 0);
}

OPERATION(sendfile)
{
	long from = TRY(call(SYS_open, area("sendfile"), O_RDONLY));
	long to = TRY(call(SYS_open, area("sendfile_to"), O_WRONLY));

	return call(SYS_sendfile, to, from, 0, 5);
}

OPERATION(copy_file_range)
{
	long from = TRY(call(SYS_open, area("copy_file_range"), O_RDONLY));
	long to = TRY(call(SYS_open, area("copy_file_range_to"), O_WRONLY));

	return call(SYS_copy_file_range, from, 0, to, 0, 5, 0);
}

OPERATION(splice)
{
	int ends[2];
	long from = TRY(call(SYS_open, area("splice"), O_RDONLY));

	TRY(call(SYS_pipe2, ends, 0));
	return call(SYS_splice, from, 0, ends[1], 0, 5, 0);
}

OPERATION(splice_write)
{
	int ends[2];
	long to = TRY(call(SYS_open, area("splice_write"), O_WRONLY));

	TRY(call(SYS_pipe2, ends, 0));
	TRY(call(SYS_write, ends[1], "probe", 5));
	return call(SYS_splice, ends[0], 0, to, 0, 5, 0);
}

OPERATION(write_unlinked)
{
	long file = TRY(call(SYS_open, area("write_unlinked"), O_RDWR));

	TRY(call(SYS_unlink, area("write_unlinked")));
	return call(SYS_write, file, "probe", 5);
}

OPERATION(cachestat)
{
	long file = TRY(call(SYS_open, area("cachestat"), O_RDONLY));
	unsigned long range[2] = {0, 0}, result[5];

	return call(NR_cachestat, file, range, result, 0);
}
