/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Mapping memory, making it executable, and locking it. */
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "probe.h"

enum { PAGE = 4096, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS, EXECUTABLE = PROT_READ | PROT_EXEC };

static long map(long protection, long flags)
{
	return call(SYS_mmap, 0, PAGE, protection, flags, -1, 0);
}

OPERATION(mmap)
{
	return map(PROT_READ | PROT_WRITE, ANONYMOUS);
}

OPERATION(mmap_writable_executable)
{
	return map(EXECUTABLE | PROT_WRITE, ANONYMOUS);
}

OPERATION(mmap_executable)
{
	return map(EXECUTABLE, ANONYMOUS);
}

OPERATION(mmap_locked)
{
	return map(PROT_READ | PROT_WRITE, ANONYMOUS | MAP_LOCKED);
}

OPERATION(mprotect)
{
	long bytes = TRY(map(PROT_READ | PROT_WRITE, ANONYMOUS));

	return call(SYS_mprotect, bytes, PAGE, PROT_READ);
}

OPERATION(mprotect_executable)
{
	long bytes = TRY(map(PROT_READ | PROT_WRITE, ANONYMOUS));

	return call(SYS_mprotect, bytes, PAGE, EXECUTABLE);
}

OPERATION(mprotect_writable_executable)
{
	long bytes = TRY(map(PROT_READ | PROT_WRITE, ANONYMOUS));

	return call(SYS_mprotect, bytes, PAGE, EXECUTABLE | PROT_WRITE);
}

OPERATION(mprotect_executable_again)
{
	/* What PR_SET_MDWE allows and systemd's filter does not. */
	long bytes = TRY(map(EXECUTABLE, ANONYMOUS));

	return call(SYS_mprotect, bytes, PAGE, EXECUTABLE);
}

OPERATION(pkey_mprotect_executable)
{
	/* Key -1 is none: this works on processors without keys. */
	long bytes = TRY(map(PROT_READ | PROT_WRITE, ANONYMOUS));

	return call(SYS_pkey_mprotect, bytes, PAGE, EXECUTABLE, -1);
}

static long attach(long flags)
{
	long id = TRY(call(SYS_shmget, IPC_PRIVATE, PAGE, IPC_CREAT | 0700));
	long bytes = call(SYS_shmat, id, 0, flags);

	TRY(call(SYS_shmctl, id, IPC_RMID, 0)); /* or it would outlive the process */
	return bytes;
}

OPERATION(shmat)
{
	return attach(0);
}

OPERATION(shmat_executable)
{
	return attach(SHM_EXEC);
}

OPERATION(shmat_readonly_executable)
{
	return attach(SHM_EXEC | SHM_RDONLY);
}

OPERATION(memfd_create)
{
	return call(SYS_memfd_create, "probe", MFD_CLOEXEC);
}

OPERATION(memfd_secret)
{
	return call(SYS_memfd_secret, 0);
}

OPERATION(mlock)
{
	long bytes = TRY(map(PROT_READ, ANONYMOUS));

	return call(SYS_mlock, bytes, PAGE);
}

OPERATION(mlock2)
{
	long bytes = TRY(map(PROT_READ, ANONYMOUS));

	return call(SYS_mlock2, bytes, PAGE, 1 /* MLOCK_ONFAULT */);
}

OPERATION(mlockall)
{
	return call(SYS_mlockall, 1 /* MCL_CURRENT */);
}

OPERATION(munlockall)
{
	return call(SYS_munlockall);
}

OPERATION(mseal)
{
	long bytes = TRY(map(PROT_READ, ANONYMOUS));

	return call(NR_mseal, bytes, PAGE, 0);
}

OPERATION(madvise)
{
	long bytes = TRY(map(PROT_READ, ANONYMOUS));

	return call(SYS_madvise, bytes, PAGE, MADV_DONTNEED);
}

OPERATION(mremap)
{
	long bytes = TRY(map(PROT_READ, ANONYMOUS));

	return call(SYS_mremap, bytes, PAGE, 2 * PAGE, 1 /* MREMAP_MAYMOVE */);
}

OPERATION(brk)
{
	return call(SYS_brk, 0);
}

OPERATION(membarrier)
{
	return call(SYS_membarrier, 0 /* MEMBARRIER_CMD_QUERY */, 0, 0);
}

OPERATION(set_mempolicy)
{
	return call(SYS_set_mempolicy, MPOL_DEFAULT, 0, 0);
}

OPERATION(migrate_pages)
{
	/* From the first node to the first node. */
	unsigned long first = 1;

	return call(SYS_migrate_pages, 0, 8 * sizeof(first), &first, &first);
}

OPERATION(userfaultfd)
{
	return call(SYS_userfaultfd, 0);
}

OPERATION(userfaultfd_user_only)
{
	return call(SYS_userfaultfd, UFFD_USER_MODE_ONLY);
}

OPERATION(remap_file_pages)
{
	long bytes = TRY(map(PROT_READ, MAP_SHARED | MAP_ANONYMOUS));

	return call(SYS_remap_file_pages, bytes, PAGE, 0, 0, 0);
}
