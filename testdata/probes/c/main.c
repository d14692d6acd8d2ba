/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe NAME…		does each operation in a child of its own, prints its outcome
 * probe --exec NAME	does it in this process, whose exit status is 0 or the errno
 * probe --list		prints the operations' names
 * probe --wait		waits to be killed: somebody outside to send signals to
 * probe --true		does nothing: what the operations of execute.c execute
 * probe --is-setuid	succeeds if it runs with another user id than its caller
 * probe --is-setgid	the same of the group id
 * probe --has-net-raw	succeeds if CAP_NET_RAW is in force
 */
#include <elf.h>
#include <linux/capability.h>

#include "errors.h"
#include "probe.h"
#include "text.h"

extern const struct operation __start_operations[], __stop_operations[];

struct self self = {.outside = 1};

static const char *area_path = "/var/lib/probe";

const char *area(const char *name)
{
	static char pool[2048]; /* an operation has a few short names */
	static unsigned int used;
	char *path = pool + used, *end = path;

	end = append(end, area_path);
	end = append(end, "/");
	end = append(end, name);
	used = end + 1 - pool;
	return path;
}

static const struct operation *find(const char *name)
{
	for (const struct operation *op = __start_operations; op < __stop_operations; op++)
		if (same(op->name, name))
			return op;
	return 0;
}

static long print(int fd, const char *text, long length)
{
	return call(SYS_write, fd, text, length);
}

static int complain(const char *what, const char *name)
{
	print(2, "probe: ", 7);
	print(2, what, length(what));
	print(2, name, length(name));
	print(2, "\n", 1);
	return 2;
}

/* An operation's result as an exit status: errors are small numbers. */
static long status_of(long result)
{
	return result < 0 ? -result : 0;
}

static const char *outcome(int status)
{
	int signal = status & 0x7f;

	return signal ? signal_name(signal) : error_name(status >> 8 & 0xff);
}

static int run_in_child(const struct operation *op)
{
	char line[256], *end;
	int status = 0;
	long pid = call(SYS_fork);

	if (pid == 0)
		leave(status_of(op->run()));
	if (pid < 0)
		return complain("no process for ", op->name);
	call(SYS_wait4, pid, &status, 0x40000000 /* __WALL */, 0);
	end = append(append(append(append(line, op->name), " "), outcome(status)), "\n");
	print(1, line, end - line);
	return 0;
}

static int run_all(char **names)
{
	int failed = 0;

	for (char **name = names; *name; name++)
		if (!find(*name))
			return complain("no operation ", *name);
	for (; *names; names++)
		failed |= run_in_child(find(*names));
	return failed;
}

static int list(void)
{
	char line[256], *end;

	for (const struct operation *op = __start_operations; op < __stop_operations; op++) {
		end = append(append(line, op->name), "\n");
		print(1, line, end - line);
	}
	return 0;
}

static long execute(const char *name)
{
	const struct operation *op = name ? find(name) : 0;

	if (!op)
		return complain("no operation ", name ? name : "");
	return status_of(op->run());
}

static long has_net_raw(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2] = {};
	long result = call(SYS_capget, &header, sets);

	return result < 0 ? status_of(result) : !(sets[0].effective >> CAP_NET_RAW & 1);
}

static void read_environment(char **environment)
{
	const char *value;

	for (; *environment; environment++) {
		if ((value = after(*environment, "PROBE_AREA=")))
			area_path = value;
		if ((value = after(*environment, "PROBE_OUTSIDE=")))
			self.outside = number(value);
	}
	for (Elf64_auxv_t *entry = (Elf64_auxv_t *)(environment + 1); entry->a_type != AT_NULL; entry++) {
		switch (entry->a_type) {
		case AT_UID:
			self.uid = entry->a_un.a_val;
			break;
		case AT_EUID:
			self.euid = entry->a_un.a_val;
			break;
		case AT_GID:
			self.gid = entry->a_un.a_val;
			break;
		case AT_EGID:
			self.egid = entry->a_un.a_val;
			break;
		}
	}
}

static long run(char **arguments)
{
	const char *first = arguments[0] ? arguments[1] : 0;

	if (!first)
		return complain("give names of operations, or --list", "");
	if (same(first, "--exec"))
		return execute(arguments[2]);
	if (same(first, "--true"))
		return 0;
	if (same(first, "--is-setuid"))
		return self.uid == self.euid;
	if (same(first, "--is-setgid"))
		return self.gid == self.egid;
	if (same(first, "--has-net-raw"))
		return has_net_raw();
	if (same(first, "--list"))
		return list();
	if (same(first, "--wait"))
		for (;;)
			call(SYS_pause);
	return run_all(arguments + 1);
}

/* The kernel starts a program with argc, argv, environment and auxv on the stack. */
__attribute__((used, noreturn)) static void start(long *stack)
{
	char **arguments = (char **)(stack + 1);

	read_environment(arguments + stack[0] + 1);
	leave(run(arguments));
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start\n");
