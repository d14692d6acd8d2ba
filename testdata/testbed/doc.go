// SPDX-License-Identifier: Apache-2.0

// Package testbed boots a real systemd as PID 1 in namespaces of its own, for
// tests and for the demonstration. There is no virtual machine and no container
// engine: a Debian root made by mmdebstrap, the wanted packages as an overlay
// above it, and the kernel of the host.
//
//	m := testbed.New(t, testbed.Options{Suite: "bookworm", Packages: []string{"lighttpd"}})
//	m.Check(t, "systemctl", "start", "lighttpd")
//
// The suite decides the version of systemd: bullseye has 247, bookworm 252,
// trixie 257. Roots and layers are kept in /var/cache/sbxprof-testbed (or
// $SBXPROF_TESTBED_CACHE); delete it to start afresh. Several machines may run
// at once. All that a machine changes is in memory and gone with it, also when
// the process that booted it is killed.
//
// Only namespaces are between a machine and the host: kernel modules, loop
// devices and sysctls outside the network namespace are the host's. The clock
// cannot be set from inside and /proc/sys and /sys are read-only. Run only what
// you know.
//
// Needs root, Debian 12 or later as the host, Linux 5.15 and cgroup v2 (hybrid is
// enough).
package testbed
