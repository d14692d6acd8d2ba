// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const perhapsNoKeys = "ok|ENOSYS"

var keyOperations = []Operation{
	{Name: "add_key", Does: "adds a key to its own keyring", Root: perhapsNoKeys, Kernel: "CONFIG_KEYS", Expect: seen{call("add_key")}},
	{Name: "request_key", Does: "asks for a key that does not exist", Root: "ENOKEY|ENOSYS", Expect: seen{call("request_key")}},
	{Name: "keyctl_keyring_id", Does: "asks for its keyring, which makes it", Root: perhapsNoKeys, Kernel: "CONFIG_KEYS",
		Expect: seen{keyctl(unix.KEYCTL_GET_KEYRING_ID)}},
	{Name: "keyctl_join_session", Does: "makes a session keyring", Root: perhapsNoKeys, Kernel: "CONFIG_KEYS",
		Expect: seen{keyctl(unix.KEYCTL_JOIN_SESSION_KEYRING)}},
	{Name: "keyctl_describe", Does: "describes a key", Root: perhapsNoKeys, Kernel: "CONFIG_KEYS",
		Expect: seen{ok(call("add_key")), keyctl(unix.KEYCTL_DESCRIBE)}},
	{Name: "keyctl_read", Does: "reads a key", Root: perhapsNoKeys, Kernel: "CONFIG_KEYS",
		Expect: seen{ok(call("add_key")), keyctl(unix.KEYCTL_READ)}},
	{Name: "keyctl_revoke", Does: "revokes a key", Root: perhapsNoKeys, Kernel: "CONFIG_KEYS",
		Expect: seen{ok(call("add_key")), keyctl(unix.KEYCTL_REVOKE)}},
}

func keyctl(operation uint64) trace.Observation {
	return call("keyctl", arg(0, operation))
}
