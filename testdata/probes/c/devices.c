/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Device nodes. They are opened, and asked harmless questions at most: no memory is
 * read, no clock set, no interface made, no message logged.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <linux/rtc.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "probe.h"

#define READS(op, path)                                                                                                \
	OPERATION(op)                                                                                                  \
	{                                                                                                              \
		return call(SYS_open, path, O_RDONLY);                                                                 \
	}
#define WRITES(op, path)                                                                                               \
	OPERATION(op)                                                                                                  \
	{                                                                                                              \
		return call(SYS_open, path, O_WRONLY);                                                                 \
	}

READS(dev_null_read, "/dev/null")
WRITES(dev_null_write, "/dev/null")
READS(dev_zero_read, "/dev/zero")
READS(dev_full_read, "/dev/full")
READS(dev_random_read, "/dev/random")
READS(dev_urandom_read, "/dev/urandom")
READS(dev_tty_read, "/dev/tty")
READS(dev_ptmx_read, "/dev/ptmx")
READS(dev_kmsg_read, "/dev/kmsg")
WRITES(dev_kmsg_write, "/dev/kmsg")
READS(dev_mem_read, "/dev/mem")
READS(dev_sda_read, "/dev/probe-sda")
WRITES(dev_sda_write, "/dev/probe-sda")
READS(dev_rtc_read, "/dev/rtc0")
READS(dev_fuse_read, "/dev/fuse")
READS(dev_tun_read, "/dev/net/tun")
READS(dev_kvm_read, "/dev/kvm")

OPERATION(dev_create)
{
	return call(SYS_open, self.uid ? "/dev/probe/new-user" : "/dev/probe/new-root", O_WRONLY | O_CREAT, 0644);
}

OPERATION(dev_mknod)
{
	TRY(call(SYS_mknod, "/dev/probe/null", 020666, 1 << 8 | 3));
	return call(SYS_unlink, "/dev/probe/null");
}

OPERATION(ioctl_window_size)
{
	long terminal = TRY(call(SYS_open, "/dev/ptmx", O_RDWR | O_NOCTTY));
	struct winsize size;

	return call(SYS_ioctl, terminal, TIOCGWINSZ, &size);
}

OPERATION(ioctl_push_input)
{
	/* Into the terminal that was just made and that nobody reads. */
	long terminal = TRY(call(SYS_open, "/dev/ptmx", O_RDWR | O_NOCTTY));

	return call(SYS_ioctl, terminal, TIOCSTI, "x");
}

OPERATION(ioctl_pipe)
{
	int ends[2], count;

	TRY(call(SYS_pipe2, ends, 0));
	return call(SYS_ioctl, ends[0], FIONREAD, &count);
}

OPERATION(ioctl_block_size)
{
	/* There is no disk that every machine has: a file answers that it is none. */
	long file = TRY(call(SYS_open, area("ioctl_block_size"), O_RDONLY));
	unsigned long size;

	return call(SYS_ioctl, file, BLKGETSIZE, &size);
}

OPERATION(ioctl_tun_features)
{
	long tun = TRY(call(SYS_open, "/dev/net/tun", O_RDWR));
	unsigned int features;

	return call(SYS_ioctl, tun, TUNGETFEATURES, &features);
}

OPERATION(ioctl_rtc_time)
{
	long rtc = TRY(call(SYS_open, "/dev/rtc0", O_RDONLY));
	struct rtc_time now;

	return call(SYS_ioctl, rtc, RTC_RD_TIME, &now);
}

OPERATION(ioctl_interfaces)
{
	char room[1024];
	struct ifconf interfaces = {.ifc_len = sizeof(room), .ifc_ifcu.ifcu_buf = room};
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_ioctl, fd, SIOCGIFCONF, &interfaces);
}

OPERATION(ioctl_interface_flags)
{
	/* Of an interface that does not exist. */
	struct ifreq none = {.ifr_name = "probe-none"};
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_ioctl, fd, SIOCSIFFLAGS, &none);
}
