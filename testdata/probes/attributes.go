// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

var attributeOperations = []Operation{
	{Name: "chmod", Does: "changes a file's mode", Needs: items{regular()},
		Expect: seen{call("chmod"), file(trace.OpChmod)}},
	{Name: "chmod_setuid", Does: "sets a file's set-user-id bit", Needs: items{regular()},
		Expect: seen{call("chmod", arg(1, unix.S_ISUID)), file(trace.OpChmod)}},
	{Name: "chmod_setgid", Does: "sets a file's set-group-id bit", Needs: items{regular()},
		Expect: seen{call("chmod", arg(1, unix.S_ISGID)), file(trace.OpChmod)}},
	{Name: "chmod_sticky", Does: "sets a file's sticky bit", Needs: items{regular()},
		Expect: seen{call("chmod"), file(trace.OpChmod)}},
	{Name: "chmod_directory", Does: "changes a directory's mode", Needs: items{directory()},
		Expect: seen{call("chmod"), file(trace.OpChmod)}},
	{Name: "fchmod", Does: "changes the mode of a file that was opened for reading", Needs: items{regular()},
		Expect: opened("fchmod", trace.OpChmod)},
	{Name: "fchmod_setgid", Does: "sets the set-group-id bit of an open file", Needs: items{regular()},
		Expect: opened("fchmod", trace.OpChmod, arg(1, unix.S_ISGID))},
	{Name: "fchmodat", Does: "changes a file's mode with fchmodat(2)", Needs: items{regular()},
		Expect: seen{call("fchmodat"), file(trace.OpChmod)}},
	{Name: "fchmodat_setuid", Does: "sets a file's set-user-id bit with fchmodat(2)", Needs: items{regular()},
		Expect: seen{call("fchmodat", arg(2, unix.S_ISUID)), file(trace.OpChmod)}},
	{Name: "fchmodat2", Does: "changes a file's mode with fchmodat2(2)", Needs: items{regular()},
		Root: "ok|ENOSYS", Kernel: "6.6", Expect: seen{call("fchmodat2"), file(trace.OpChmod)}},
	{Name: "fchmodat2_setgid", Does: "sets a file's set-group-id bit with fchmodat2(2)", Needs: items{regular()},
		Root: "ok|ENOSYS", Kernel: "6.6",
		Expect: seen{call("fchmodat2", arg(2, unix.S_ISGID)), file(trace.OpChmod)}},
	{Name: "chown", Does: "gives a file to its owner", Needs: items{regular()},
		Expect: seen{call("chown"), file(trace.OpChown)}},
	{Name: "chown_other", Does: "gives a file to somebody else", Needs: items{regular()},
		Capability: "CAP_CHOWN", User: "EPERM", Expect: seen{call("chown"), file(trace.OpChown)}},
	{Name: "lchown", Does: "gives a symbolic link to its owner", Needs: items{linkTo("chown")},
		Expect: seen{call("lchown"), file(trace.OpChown)}},
	{Name: "fchown", Does: "gives an open file to its owner", Needs: items{regular()},
		Expect: opened("fchown", trace.OpChown)},
	{Name: "fchownat", Does: "gives a file to its owner with fchownat(2)", Needs: items{regular()},
		Expect: seen{call("fchownat"), file(trace.OpChown)}},
	{Name: "fchownat_empty_path", Does: "gives a file to its owner by an O_PATH descriptor", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpStat)), call("fchownat"), file(trace.OpChown)}},
	{Name: "utime", Does: "sets a file's times", Needs: items{regular()},
		Expect: seen{call("utime"), file(trace.OpUtime)}},
	{Name: "utimes", Does: "sets a file's times with utimes(2)", Needs: items{regular()},
		Expect: seen{call("utimes"), file(trace.OpUtime)}},
	{Name: "futimesat", Does: "sets a file's times with futimesat(2)", Needs: items{regular()},
		Expect: seen{call("futimesat"), file(trace.OpUtime)}},
	{Name: "utimensat", Does: "sets a file's times with utimensat(2)", Needs: items{regular()},
		Expect: seen{call("utimensat"), file(trace.OpUtime)}},
	{Name: "utimensat_now", Does: "sets a file's times to now", Needs: items{regular()},
		Expect: seen{call("utimensat"), file(trace.OpUtime)}},
	{Name: "utimensat_descriptor", Does: "sets the times of an open file", Needs: items{regular()},
		Expect: opened("utimensat", trace.OpUtime)},
	{Name: "setxattr", Does: "sets an extended attribute", Needs: items{regular()},
		Expect: seen{call("setxattr"), file(trace.OpXattr)}},
	{Name: "setxattr_trusted", Does: "sets a trusted attribute", Needs: items{regular()},
		Capability: "CAP_SYS_ADMIN", User: "EPERM", Expect: seen{call("setxattr"), file(trace.OpXattr)}},
	{Name: "setxattr_capability", Does: "sets a file's capabilities", Needs: items{regular()},
		Harmless: "there are none in the set", Capability: "CAP_SETFCAP", User: "EPERM",
		Expect: seen{call("setxattr"), file(trace.OpXattr)}},
	{Name: "lsetxattr", Does: "sets an extended attribute with lsetxattr(2)", Needs: items{regular()},
		Expect: seen{call("lsetxattr"), file(trace.OpXattr)}},
	{Name: "fsetxattr", Does: "sets an extended attribute of an open file", Needs: items{regular()},
		Expect: opened("fsetxattr", trace.OpXattr)},
	{Name: "removexattr", Does: "removes an extended attribute", Needs: items{regular().withXattr()},
		Expect: seen{call("removexattr"), file(trace.OpXattr)}},
	{Name: "setxattrat", Does: "sets an extended attribute with setxattrat(2)", Needs: items{regular()},
		Root: "ok|ENOSYS", Kernel: "6.13", Expect: seen{call("setxattrat"), file(trace.OpXattr)}},
	{Name: "getxattr", Does: "reads an extended attribute", Needs: items{regular().withXattr()},
		Expect: seen{call("getxattr"), file(trace.OpStat)}},
	{Name: "listxattr", Does: "lists extended attributes", Needs: items{regular()},
		Expect: seen{call("listxattr"), file(trace.OpStat)}},
	{Name: "truncate", Does: "truncates a file", Needs: items{regular()},
		Expect: seen{call("truncate"), file(trace.OpTruncate)}},
	{Name: "ftruncate", Does: "truncates an open file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpWrite)), call("ftruncate"), file(trace.OpTruncate)}},
	{Name: "fallocate", Does: "allocates room for an open file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpWrite)), call("fallocate"), file(trace.OpTruncate)}},
	{Name: "getflags", Does: "asks for a file's flags", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), ioctl(unix.FS_IOC_GETFLAGS), asked(unix.FS_IOC_GETFLAGS)}},
	{Name: "setflags", Does: "sets a file's flags to what they are", Needs: items{regular()},
		Expect: append(flagsRead(), ioctl(unix.FS_IOC_SETFLAGS), asked(unix.FS_IOC_SETFLAGS))},
	{Name: "setflags_append", Does: "makes a file append-only and undoes it", Needs: items{regular()},
		Capability: "CAP_LINUX_IMMUTABLE", User: "EPERM",
		Expect: append(flagsRead(), ioctl(unix.FS_IOC_SETFLAGS), asked(unix.FS_IOC_SETFLAGS), ioctl(unix.FS_IOC_SETFLAGS))},
}

func flagsRead() []trace.Observation {
	return seen{ok(call("open")), ok(file(trace.OpRead)), ok(ioctl(unix.FS_IOC_GETFLAGS)), ok(asked(unix.FS_IOC_GETFLAGS))}
}

// opened is a file that was opened for reading and then changed by its descriptor.
func opened(name string, op trace.FileOp, args ...trace.Arg) []trace.Observation {
	return seen{ok(call("open")), ok(file(trace.OpRead)), call(name, args...), file(op)}
}

func ioctl(request uint64) trace.Observation {
	return call("ioctl", arg(1, request))
}

// asked is an ioctl as an operation on the file.
func asked(request uint32, path ...string) trace.Observation {
	o := file(trace.OpIoctl, path...)
	o.File.Request = request
	return o
}
