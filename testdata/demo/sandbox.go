// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// install installs the drop-in and restarts lighttpd under it.
func (d *demo) install(ctx context.Context) error {
	d.step("Install it")
	before, err := d.mainProcess(ctx)
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"install", "-D", "-m", "644", "/root/sbxprof.conf", dropInPath},
		{"systemctl", "daemon-reload"},
	} {
		if _, err := d.command(ctx, []int{0}, args...); err != nil {
			return err
		}
	}
	if err := d.restart(ctx); err != nil {
		return err
	}
	after, err := d.mainProcess(ctx)
	if err != nil {
		return err
	}
	d.wrong = append(d.wrong, inForce(before, after)...)
	d.figures.exposureAfter, err = d.exposure(ctx)
	return err
}

// restart restarts lighttpd. The error holds what the journal says.
func (d *demo) restart(ctx context.Context) error {
	if err := d.forgetStarts(ctx); err != nil {
		return err
	}
	_, err := d.command(ctx, []int{0}, "systemctl", "restart", "lighttpd")
	if err == nil {
		return nil
	}
	said, journalErr := d.m.Journal(ctx, "--unit=lighttpd", "--lines=20")
	return errors.Join(err, errors.New(said), journalErr)
}

// forgetStarts has systemd forget how often it started lighttpd: after five times
// in ten seconds it starts no more.
func (d *demo) forgetStarts(ctx context.Context) error {
	_, err := d.m.Output(ctx, "systemctl", "reset-failed", "lighttpd")
	return err
}

// exposure returns what systemd-analyze makes of the unit, from 0 to 10.
func (d *demo) exposure(ctx context.Context) (string, error) {
	args := []string{"systemd-analyze", "security", "--no-pager", "lighttpd.service"}
	out, err := d.m.Output(ctx, args...)
	if err != nil {
		return "", err
	}
	value, line, err := parseExposure(out)
	fmt.Fprintf(d.out, "# %s\n%s\n", strings.Join(args, " "), line)
	return value, err
}

// parseExposure finds the line "→ Overall exposure level for lighttpd.service: 9.6 UNSAFE".
func parseExposure(out string) (value, line string, err error) {
	for line := range strings.Lines(out) {
		_, after, ok := strings.Cut(line, "Overall exposure level for lighttpd.service: ")
		if f := strings.Fields(after); ok && len(f) > 0 {
			return f[0], strings.TrimSpace(line), nil
		}
	}
	return "", "", fmt.Errorf("systemd-analyze tells no exposure:\n%s", out)
}

// status is /proc/PID/status of lighttpd's main process, by field.
type status map[string]string

func (d *demo) mainProcess(ctx context.Context) (status, error) {
	pid, err := d.m.Output(ctx, "systemctl", "show", "--property=MainPID", "--value", "lighttpd")
	if err != nil {
		return nil, err
	}
	text, err := d.settled(ctx, strings.TrimSpace(pid))
	return parseStatus(text), err
}

// settled returns the status of a process once its user is not root: lighttpd
// changes it itself, after systemd has called it started.
func (d *demo) settled(ctx context.Context, pid string) (string, error) {
	const script = `for _ in $(seq 100); do
  [ "$(stat -c %u "/proc/$1")" = 0 ] || break
  sleep 0.1
done
cat "/proc/$1/status"`
	return d.m.Output(ctx, "sh", "-c", script, "sh", pid)
}

func parseStatus(text string) status {
	s := status{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			s[name] = strings.TrimSpace(value)
		}
	}
	return s
}

// inForce tells what of the sandbox the main process is not under: a directive
// that systemd ignores fails nothing.
func inForce(before, after status) []error {
	var wrong []error
	for _, same := range []string{"Name", "Uid", "Gid", "Groups"} {
		if before[same] != after[same] {
			wrong = append(wrong, fmt.Errorf("%s of the main process was %q and is %q", same, before[same], after[same]))
		}
	}
	if after["Seccomp"] != "2" {
		wrong = append(wrong, fmt.Errorf("the main process has no system call filter: Seccomp: %s", after["Seccomp"]))
	}
	if !fewer(after["CapBnd"], before["CapBnd"]) {
		wrong = append(wrong, fmt.Errorf("the capability bounding set was %s and is %s: not less", before["CapBnd"], after["CapBnd"]))
	}
	return wrong
}

// fewer tells whether the set a, in the kernel's hexadecimal digits, is a part of
// b and not all of it.
func fewer(a, b string) bool {
	x, err := strconv.ParseUint(a, 16, 64)
	y, other := strconv.ParseUint(b, 16, 64)
	return err == nil && other == nil && x&^y == 0 && x != y
}
