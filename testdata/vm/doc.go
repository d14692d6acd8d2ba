// SPDX-License-Identifier: Apache-2.0

// Package vm boots Debian's own kernels with their own systemd in qemu, for tests
// of what the host's kernel cannot show:
//
//	m := vm.New(t, vm.Options{Suite: "trixie"})
//	m.Check(t, "systemctl", "start", "lighttpd")
//
// The suite decides kernel and systemd: bullseye has Linux 5.10 and systemd 247,
// bookworm 6.1 and 252, trixie 6.12 and 257, sid whatever is newest. A machine
// boots in some ten seconds, without KVM, network, loop devices or udev on the
// host. Its disk is fresh at every boot and gone with it, and so is the machine
// when the process that booted it is killed.
//
// What runs in it is told by an agent (testdata/vm/guest) behind a virtio serial
// port. The agent comes with the initramfs, so that the images do not depend on it.
//
// Images and qemu are kept in /var/cache/sbxprof-testbed (or
// $SBXPROF_TESTBED_CACHE), half a gigabyte a suite; delete them to get newer
// packages. Needs root (to build the images) on an x86-64 Debian 12 or later, and
// Go, which builds the agent.
package vm
