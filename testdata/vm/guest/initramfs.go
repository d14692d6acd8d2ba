// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

//go:embed agent.service
var agentService []byte

// Paths in the booted machine. Systemd keeps the /run that it finds mounted.
const (
	agentProgram = "/run/sbxprof-agent"
	agentUnit    = "/run/systemd/system/sbxprof-agent.service"
	agentWanted  = "/run/systemd/system/multi-user.target.wants/sbxprof-agent.service"
)

// becomeSystemd mounts the disk and leaves the initramfs for it.
func becomeSystemd() error {
	for _, step := range []func() error{loadModules, mountDisk, addAgent, switchRoot} {
		if err := step(); err != nil {
			return err
		}
	}
	return unix.Exec("/sbin/init", []string{"/sbin/init"}, []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"})
}

// loadModules loads /modules/NN-NAME.ko in that order.
func loadModules() error {
	modules, err := filepath.Glob("/modules/*.ko")
	if err != nil {
		return err
	}
	for _, path := range modules {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := unix.InitModule(content, ""); err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("loading %s: %w", path, err)
		}
	}
	return nil
}

func mountDisk() error {
	if err := unix.Mount("devtmpfs", "/dev", "devtmpfs", 0, ""); err != nil {
		return fmt.Errorf("mounting /dev: %w", err)
	}
	var err error
	for range 1000 { // virtio finds its devices asynchronously
		if err = unix.Mount("/dev/vda", "/root", "ext4", 0, ""); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("mounting the disk: %w", err)
}

// addAgent puts this program and its unit on the machine's /run.
func addAgent() error {
	if err := unix.Mount("tmpfs", "/root/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return fmt.Errorf("mounting /run: %w", err)
	}
	self, err := os.ReadFile("/init")
	if err != nil {
		return err
	}
	return errors.Join(
		os.MkdirAll(filepath.Dir("/root"+agentWanted), 0o755),
		os.WriteFile("/root"+agentProgram, self, 0o755),
		os.WriteFile("/root"+agentUnit, agentService, 0o644),
		os.Symlink(agentUnit, "/root"+agentWanted),
	)
}

func switchRoot() error {
	err := errors.Join(
		unix.Mount("/dev", "/root/dev", "", unix.MS_MOVE, ""),
		os.Chdir("/root"),
		unix.Mount(".", "/", "", unix.MS_MOVE, ""),
		unix.Chroot("."),
		os.Chdir("/"),
	)
	if err != nil {
		return fmt.Errorf("leaving the initramfs: %w", err)
	}
	return nil
}
