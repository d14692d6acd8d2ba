// SPDX-License-Identifier: Apache-2.0

package probes

import "github.com/sbxprof/sbxprof/trace"

// To read and to search the kernel asks for the lesser capability first.
const readOrOverride = "CAP_DAC_READ_SEARCH|CAP_DAC_OVERRIDE"

var otherOwnerOperations = []Operation{
	{Name: "other_read", Does: "opens somebody else's file for reading", Needs: items{regular().of(OtherID).with(0o600)},
		Capability: readOrOverride, User: "EACCES", Expect: seen{call("open"), file(trace.OpRead)}},
	{Name: "other_write", Does: "opens somebody else's file for writing", Needs: items{regular().of(OtherID).with(0o644)},
		Capability: "CAP_DAC_OVERRIDE", User: "EACCES", Expect: seen{call("open"), file(trace.OpWrite)}},
	{Name: "other_search", Does: "opens a file in somebody else's directory",
		Needs:      items{directory().of(OtherID).with(0o700), regular("other_search/file")},
		Capability: readOrOverride, User: "EACCES",
		Expect: seen{call("open"), file(trace.OpRead, "other_search/file")}},
	{Name: "other_list", Does: "opens somebody else's directory", Needs: items{directory().of(OtherID).with(0o711)},
		Capability: readOrOverride, User: "EACCES", Expect: seen{call("open"), file(trace.OpList)}},
	{Name: "other_create", Does: "creates a file in somebody else's directory",
		Needs:      items{directory().of(OtherID).with(0o755)},
		Capability: "CAP_DAC_OVERRIDE", User: "EACCES",
		Expect: seen{call("open"), file(trace.OpCreate, "other_create/new")}},
	{Name: "other_chmod", Does: "changes the mode of somebody else's file", Needs: items{regular().of(OtherID)},
		Capability: "CAP_FOWNER", User: "EPERM", Perhaps: seen{capable("CAP_FSETID")},
		Expect: seen{call("chmod"), file(trace.OpChmod)}},
	{Name: "other_chmod_setgid", Does: "sets the set-group-id bit for a group that it is not in",
		Needs: items{regular().of(OtherID)}, Capability: "CAP_FOWNER", User: "EPERM",
		Expect: seen{call("chmod", arg(1, 0o2000)), file(trace.OpChmod), capable("CAP_FSETID")}},
	{Name: "other_utimes", Does: "sets the times of somebody else's file", Needs: items{regular().of(OtherID)},
		Capability: "CAP_FOWNER", User: "EPERM", Expect: seen{call("utimensat"), file(trace.OpUtime)}},
	{Name: "other_unlink_sticky", Does: "removes somebody else's file from his sticky directory",
		Needs:      items{directory().of(OtherID).with(0o1777), regular("other_unlink_sticky/file").of(OtherID)},
		Capability: "CAP_FOWNER", User: "EPERM",
		Expect: seen{call("unlink"), file(trace.OpRemove, "other_unlink_sticky/file")}},
	{Name: "other_lease", Does: "takes a lease on somebody else's file", Needs: items{regular().of(OtherID).with(0o644)},
		Capability: "CAP_LEASE", User: "EACCES",
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("fcntl")}},
	{Name: "other_noatime", Does: "opens somebody else's file with O_NOATIME", Needs: items{regular().of(OtherID).with(0o644)},
		Capability: "CAP_FOWNER", User: "EPERM", Expect: seen{call("open"), file(trace.OpRead)}},
}
