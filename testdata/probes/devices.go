// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// device is a device node that operations open, and the outcomes.
type device struct {
	name       string
	node       Item
	root, user string
	capability string
}

// Nodes that a system has already are left as they are; whether a user may open
// them, and whether there is a driver behind them, is the system's.
var devices = []device{
	{name: "dev_null_read", node: char("/dev/null", 1, 3)},
	{name: "dev_null_write", node: char("/dev/null", 1, 3)},
	{name: "dev_zero_read", node: char("/dev/zero", 1, 5)},
	{name: "dev_full_read", node: char("/dev/full", 1, 7)},
	{name: "dev_random_read", node: char("/dev/random", 1, 8)},
	{name: "dev_urandom_read", node: char("/dev/urandom", 1, 9)},
	{name: "dev_tty_read", node: char("/dev/tty", 5, 0), root: "ENXIO|ok"},
	{name: "dev_ptmx_read", node: char("/dev/ptmx", 5, 2)},
	{name: "dev_kmsg_read", node: char("/dev/kmsg", 1, 11).with(0o644), user: "EPERM|ok", capability: "CAP_SYSLOG"},
	{name: "dev_kmsg_write", node: char("/dev/kmsg", 1, 11).with(0o644), user: "EACCES|ok"},
	{name: "dev_mem_read", node: char("/dev/mem", 1, 1).with(0o640), root: "ok|ENXIO|EPERM", user: "EACCES", capability: "CAP_SYS_RAWIO"},
	{name: "dev_sda_read", node: block("/dev/probe-sda", 8, 240), root: "ENXIO"},
	{name: "dev_sda_write", node: block("/dev/probe-sda", 8, 240), root: "ENXIO"},
	{name: "dev_rtc_read", node: char("/dev/rtc0", 254, 0).with(0o600), root: "ok|ENXIO|ENODEV|EBUSY", user: "EACCES"},
	{name: "dev_fuse_read", node: char("/dev/fuse", 10, 229), root: "ok|ENODEV|ENXIO", user: "ok|EACCES|ENODEV|ENXIO"},
	{name: "dev_tun_read", node: char("/dev/net/tun", 10, 200), root: "ok|ENODEV|ENXIO"},
	{name: "dev_kvm_read", node: char("/dev/kvm", 10, 232).with(0o660), root: "ok|ENODEV|ENXIO", user: "EACCES"},
}

const noSuchDisk = "there is no such disk"

var deviceOperations = slices.Concat(devicesOpened(), []Operation{
	{Name: "dev_create", Does: "creates a file in /dev/probe",
		Needs:  items{directory("/dev/probe")},
		Expect: seen{call("open"), file(trace.OpCreate, "/dev/probe/new-root")}},
	{Name: "dev_mknod", Does: "makes a device node in /dev/probe and removes it",
		Harmless: "1:3 is the null device", Capability: "CAP_MKNOD", User: "EPERM",
		Expect: seen{ok(call("mknod")), ok(file(trace.OpMknod, "/dev/probe/null")),
			call("unlink"), file(trace.OpRemove, "/dev/probe/null")}},
	{Name: "ioctl_window_size", Does: "asks a new terminal for its size",
		Expect: onDevice("/dev/ptmx", unix.TIOCGWINSZ)},
	{Name: "ioctl_push_input", Does: "pushes a character into a terminal's input",
		Harmless: "the terminal was just made, and nobody reads from it", Capability: "CAP_SYS_ADMIN",
		Root: "ok|EIO", User: "EPERM|EIO", Kernel: "6.2 and later may be built or set to refuse it",
		Expect: onDevice("/dev/ptmx", unix.TIOCSTI)},
	{Name: "ioctl_pipe", Does: "asks how much is in a pipe",
		Expect: seen{ok(call("pipe2")), ioctl(unix.TIOCINQ)}},
	{Name: "ioctl_block_size", Does: "asks a file for its size as a disk", Needs: items{regular()}, Root: "ENOTTY",
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), ioctl(unix.BLKGETSIZE), asked(unix.BLKGETSIZE)}},
	{Name: "ioctl_tun_features", Does: "asks what tun can do", Kernel: "with the device's driver", Root: "ok|ENODEV|ENXIO",
		Expect: onDevice("/dev/net/tun", unix.TUNGETFEATURES)},
	{Name: "ioctl_rtc_time", Does: "reads the hardware clock", Kernel: "with a hardware clock", Root: "ok|ENXIO|ENODEV|EBUSY", User: "EACCES",
		Expect: seen{ok(call("open")), ok(read("/dev/rtc0")), ioctl(unix.RTC_RD_TIME), asked(unix.RTC_RD_TIME, "/dev/rtc0")}},
	{Name: "ioctl_interfaces", Does: "lists network interfaces",
		Expect: seen{ok(call("socket", arg(0, unix.AF_INET), arg(1, unix.SOCK_DGRAM))), ioctl(unix.SIOCGIFCONF)}},
	{Name: "ioctl_interface_flags", Does: "sets the flags of an interface", Harmless: "there is no such interface",
		Capability: "CAP_NET_ADMIN", Root: "ENODEV", User: "EPERM", Perhaps: seen{capable("CAP_SYS_MODULE")},
		Expect: seen{ok(call("socket", arg(0, unix.AF_INET), arg(1, unix.SOCK_DGRAM))), ioctl(unix.SIOCSIFFLAGS)}},
})

func devicesOpened() []Operation {
	var operations []Operation
	for _, d := range devices {
		op := Operation{Name: d.name, Needs: items{d.node}, Root: d.root, User: d.user, Capability: d.capability}
		if d.root == "ENXIO" {
			op.Harmless = noSuchDisk
		} else if d.root != "" {
			op.Kernel = "with the device's driver"
		}
		kind := trace.TypeCharDev
		if d.node.Mode&unix.S_IFMT == unix.S_IFBLK {
			kind = trace.TypeBlockDev
		}
		if strings.HasSuffix(d.name, "_write") {
			op.Does, op.Harmless = "opens "+d.node.Path+" for writing", onlyOpened
			op.Expect = seen{call("open"), typed(kind, write(d.node.Path))}
		} else {
			op.Does = "opens " + d.node.Path + " for reading"
			op.Expect = seen{call("open"), typed(kind, read(d.node.Path))}
		}
		operations = append(operations, op)
	}
	return operations
}

func onDevice(path string, request uint32) []trace.Observation {
	return seen{ok(call("open")), ok(read(path)), ok(write(path)), ioctl(uint64(request)), asked(request, path)}
}
