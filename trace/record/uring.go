// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strconv"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// uringOps are the operations of io_uring by number (enum io_uring_op of
// linux/io_uring.h, up to Linux 6.18), without their prefix.
var uringOps = []string{
	"nop", "readv", "writev", "fsync", "read_fixed", "write_fixed", "poll_add", "poll_remove", "sync_file_range", "sendmsg",
	"recvmsg", "timeout", "timeout_remove", "accept", "async_cancel", "link_timeout", "connect", "fallocate", "openat", "close",
	"files_update", "statx", "read", "write", "fadvise", "madvise", "send", "recv", "openat2", "epoll_ctl",
	"splice", "provide_buffers", "remove_buffers", "tee", "shutdown", "renameat", "unlinkat", "mkdirat", "symlinkat", "linkat",
	"msg_ring", "fsetxattr", "setxattr", "fgetxattr", "getxattr", "socket", "uring_cmd", "send_zc", "sendmsg_zc", "read_multishot",
	"waitid", "futex_wait", "futex_wake", "futex_waitv", "fixed_fd_install", "ftruncate", "bind", "listen", "recv_zc", "epoll_wait",
	"readv_fixed", "writev_fixed", "pipe", "nop128", "uring_cmd128",
}

func (s *set) addUrings(urings []bpf.Uring, c clock) {
	for i := range urings {
		u := &urings[i]
		t := &trace.IOUring{Op: strconv.Itoa(int(u.Op)), Number: u.Op}
		if int(u.Op) < len(uringOps) {
			t.Op = uringOps[u.Op]
		}
		o := trace.Observation{Kind: trace.KindIOUring, IOUring: t, Outcome: trace.OutcomeOK}
		s.add(u.Actor, seen(o, &u.Seen, c))
	}
}
