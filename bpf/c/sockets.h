/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Operations on socket addresses; those of AF_UNIX with a path are names of files. */
#ifndef SBX_SOCKETS_H
#define SBX_SOCKETS_H

enum {
	SBX_AF_UNIX = 1,
	SBX_AF_INET = 2,
	SBX_AF_INET6 = 10,
	SBX_AF_PACKET = 17,
	SBX_AF_VSOCK = 40,
	SBX_BINDPORT_LOCK = 8,
	SBX_SUN_PATH = 108,
	SBX_MESSAGES = 16,   /* of one sendmmsg */
	SBX_INET_SIZE = 8,   /* of a struct sockaddr_in: without its padding */
	SBX_INET6_SIZE = 24, /* of a struct sockaddr_in6: without its scope */
};

static __always_inline void read_socket(struct sbx_socket *to, struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);

	to->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	to->type = BPF_CORE_READ(sk, sk_type);
	to->protocol = BPF_CORE_READ(sk, sk_protocol);
	if (to->family != SBX_AF_INET && to->family != SBX_AF_INET6)
		return;
	/* The port that the kernel chose is another one each time. */
	if (BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) & SBX_BINDPORT_LOCK)
		to->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (to->family == SBX_AF_INET6)
		to->v6_only = BPF_CORE_READ_BITFIELD_PROBED(&sk->__sk_common, skc_ipv6only);
}

/* How much of an address of this family tells it from others. */
static __always_inline __u32 size_of_address(__u16 family, __u32 len)
{
	__u32 size = sizeof(family);

	if (family == SBX_AF_INET)
		size = SBX_INET_SIZE;
	else if (family == SBX_AF_INET6)
		size = SBX_INET6_SIZE;
	else if (family == SBX_AF_UNIX || family == SBX_AF_PACKET || family == SBX_AF_VSOCK)
		size = SBX_ADDRESS - 1;
	return size < len ? size : len;
}

/* Reports the event's given bytes as an address of the socket. */
static __always_inline void report_address(struct sbx_scratch *s, struct sbx_file_call *call, __u32 op)
{
	struct sbx_file_key *key = &s->event.key; /* not on the stack, which is short */

	key->op = op;
	key->how = SBX_BY_ADDRESS;
	key->actor = call->actor;
	key->err = call->err;
	key->flags = s->event.socket.v6_only | (__u64)s->event.socket.port << 32;
	key->object =
	    (__u64)s->event.socket.family << 32 | (__u64)s->event.socket.type << 16 | s->event.socket.protocol;
	key->name = hash_given(s);
	if (!reported(key))
		report(s, key);
}

/*
 * Reports the address at `address`, of `len` bytes; `op_fd` is op << 32 | the
 * socket's descriptor.
 */
__noinline int on_address(struct sbx_file_call *call, __u64 op_fd, __u64 address, __u32 len)
{
	struct sbx_scratch *s = scratch_of(call);
	__u32 op = op_fd >> 32, fd = op_fd;
	struct {
		__u16 family;
		__u8 first;
	} head = {};

	if (!s || !call || !address || len < sizeof(head.family))
		return 0;
	if (bpf_probe_read_user(&head, sizeof(head), (void *)address)) {
		if (call->err != SBX_EFAULT)
			lost(SBX_LOSS_NAME);
		return 0;
	}
	if (head.family == SBX_AF_UNIX && head.first && len > sizeof(head.family)) {
		len -= sizeof(head.family);
		if (len > SBX_SUN_PATH)
			len = SBX_SUN_PATH;
		/* It need not end with a NUL; the string that is read does. */
		return on_name(call, (__u64)op << 32 | (__u32)SBX_AT_FDCWD, address + sizeof(head.family), len + 1);
	}
	begin_event(s, SBX_EVENT_ADDRESS, call->task);
	read_socket(&s->event.socket, file_of(fd));
	if (op != SBX_OP_BIND)
		s->event.socket.port = 0;
	len = size_of_address(head.family, len);
	if (bpf_probe_read_user(s->data, len & (SBX_ADDRESS - 1), (void *)address))
		return 0;
	s->event.given = len;
	report_address(s, call, op);
	return 0;
}

/* Reports the local port of a socket that listens, or the peer of an accepted one. */
__noinline int on_socket(struct sbx_file_call *call, __u32 op, __u32 fd)
{
	struct sbx_scratch *s = scratch_of(call);
	struct socket *socket;
	struct file *file;
	struct sock *sk;

	if (!s || !call)
		return 0;
	file = file_of(fd);
	begin_event(s, SBX_EVENT_ADDRESS, call->task);
	read_socket(&s->event.socket, file);
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	if (s->event.socket.family == SBX_AF_UNIX)
		return 0;
	__builtin_memset(s->data, 0, SBX_INET6_SIZE);
	*(__u16 *)s->data = s->event.socket.family;
	s->event.given = sizeof(__u16);
	if (op == SBX_OP_LISTEN) {
		report_address(s, call, op);
		return 0;
	}
	/* The peer's port is left out: it is another one each time. */
	if (s->event.socket.family == SBX_AF_INET) {
		BPF_CORE_READ_INTO((__u32 *)(s->data + 4), sk, __sk_common.skc_daddr);
		s->event.given = SBX_INET_SIZE;
	} else if (s->event.socket.family == SBX_AF_INET6) {
		BPF_CORE_READ_INTO((struct in6_addr *)(s->data + 8), sk, __sk_common.skc_v6_daddr);
		s->event.given = SBX_INET6_SIZE;
	}
	report_address(s, call, op);
	return 0;
}

/* struct msghdr begins with the address and its length, in the caller's word size. */
static __always_inline void on_message(struct sbx_file_call *call, __u64 op_fd, __u64 header)
{
	struct {
		__u64 name;
		__u32 len;
	} native = {};
	__u32 compat[2] = {};

	if (call->abi == SBX_ABI_COMPAT || call->abi == SBX_ABI_X32) {
		bpf_probe_read_user(compat, sizeof(compat), (void *)header);
		native.name = compat[0];
		native.len = compat[1];
	} else {
		bpf_probe_read_user(&native, 12, (void *)header);
	}
	if (native.name)
		on_address(call, op_fd, native.name, native.len);
}

static __always_inline void on_messages(struct sbx_file_call *call, __u64 op_fd, __u64 headers, __u32 count)
{
	__u32 size = 64; /* of struct mmsghdr */

	if (call->abi == SBX_ABI_COMPAT || call->abi == SBX_ABI_X32)
		size = 32;
	if (count > SBX_MESSAGES) /* the rest is not looked at */
		lost(SBX_LOSS_NAME);
	for (__u32 i = 0; i < SBX_MESSAGES; i++) {
		if (i >= count)
			break;
		on_message(call, op_fd, headers + i * size);
	}
}

__noinline int on_socket_call(struct sbx_file_call *call, __u32 kind, __u64 ret)
{
	const volatile struct sbx_spec *spec;
	__u64 address, op_fd;
	__u32 len_arg;

	if (!call)
		return 0;
	spec = &specs[call->index & (SBX_ABIS * SBX_CALLS - 1)];
	address = argument(call->abi, spec->name[0]);
	op_fd = (__u64)spec->op[0] << 32 | (__u32)argument(call->abi, 0);
	len_arg = spec->name[1];
	switch (kind) {
	case SBX_CALL_ADDRESS:
		return on_address(call, op_fd, address, argument(call->abi, len_arg));
	case SBX_CALL_MESSAGE:
		on_message(call, op_fd, address);
		return 0;
	case SBX_CALL_MESSAGES:
		if (!call->err)
			on_messages(call, op_fd, address, ret);
		return 0;
	case SBX_CALL_SOCKET:
		return on_socket(call, spec->op[0], op_fd);
	case SBX_CALL_ACCEPT:
		if (!call->err)
			on_socket(call, spec->op[0], ret);
		return 0;
	}
	return 0;
}

#endif
