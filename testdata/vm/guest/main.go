// SPDX-License-Identifier: Apache-2.0

// Command guest is what the test bed adds to a virtual machine: as PID 1 of the
// initramfs it mounts the disk and becomes systemd; as a service of that systemd,
// it is the agent that runs what tests ask for.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func main() {
	if os.Getpid() != 1 {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, "guest:", err)
			os.Exit(1)
		}
		return
	}
	// Only returns when it failed. The console is what the test sees of it.
	fmt.Fprintln(os.Stderr, "guest:", becomeSystemd())
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}
