// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/unit"
)

// hostTarget is the systemd that runs here, as it tells itself.
func hostTarget(ctx context.Context) (*systemd.Target, error) {
	host, err := askSystemd(ctx)
	if err != nil {
		return nil, err
	}
	target, err := systemd.TargetOf(host)
	if err != nil {
		return nil, err
	}
	groups, err := hostGroups(ctx)
	if err != nil {
		return nil, err
	}
	if groups != nil {
		target = target.WithGroups(groups)
	}
	return &target, nil
}

func askSystemd(ctx context.Context) (trace.Host, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return trace.Host{}, fmt.Errorf("asking for the kernel's release: %w", err)
	}
	host := trace.Host{Kernel: unix.ByteSliceToString(u.Release[:]), Arch: unix.ByteSliceToString(u.Machine[:])}
	m, err := unit.Connect(ctx)
	if err != nil {
		return host, err
	}
	defer m.Close()
	host.Systemd, host.Features, err = m.Version(ctx)
	return host, err
}

// hostGroups are the system call groups that the installed systemd lists; nil if it
// cannot (before v235, or where systemd-analyze is not installed).
func hostGroups(ctx context.Context) ([]systemd.Group, error) {
	list, err := exec.CommandContext(ctx, "systemd-analyze", "--no-pager", "syscall-filter").Output()
	if exit := (*exec.ExitError)(nil); errors.Is(err, exec.ErrNotFound) || errors.As(err, &exit) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking systemd-analyze for the system call groups: %w", err)
	}
	return systemd.ParseSyscallFilter(bytes.NewReader(list))
}

// liveSettings is the [Service] section of a unit as systemd has it loaded here.
func liveSettings(ctx context.Context, name string) ([]trace.Setting, error) {
	m, err := unit.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	u, err := m.Lookup(ctx, name)
	if err != nil {
		return nil, err
	}
	return u.Settings, nil
}

const systemdName = "systemd"

// systemdFinding asks systemd who it is. Commands can be recorded without it, units
// cannot.
func systemdFinding(ctx context.Context) finding {
	host, err := askSystemd(ctx)
	if err != nil {
		return finding{systemdName, false, err.Error()}
	}
	return finding{systemdName, true, host.Systemd + " " + host.Features}
}
