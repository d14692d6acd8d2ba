// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

//go:embed drive.sh
var driver []byte

// Where the machine has what the services are run with.
const (
	driverPath  = "/usr/local/lib/drawn/drive"
	sbxprofPath = "/usr/local/bin/sbxprof"
	tracePath   = "/root/drawn.trace"
)

// life is what each operation came to in a life of a service, from its start to its
// stop. An operation that was not come to is not in it.
type life map[string]trace.Outcome

// house is a machine that services live in.
type house struct{ *machine }

// furnish gives the machine what all services need.
func (h house) furnish(sbxprof string) error {
	for _, dir := range []string{scripts, programs, transcripts} {
		if err := h.root.MkdirAll(below(dir), 0o755); err != nil {
			return err
		}
	}
	return errors.Join(h.root.WriteFile(below(driverPath), driver, 0o755), h.copyIn(sbxprof, sbxprofPath))
}

// moveIn installs a service.
func (h house) moveIn(ctx context.Context, s *service) error {
	if err := h.root.MkdirAll(below(path.Join(scripts, s.name)), 0o755); err != nil {
		return err
	}
	for name, text := range s.files() {
		if err := h.root.WriteFile(below(name), []byte(text), 0o755); err != nil {
			return err
		}
	}
	if s.own {
		for _, o := range s.operations() {
			if _, ok := findErrand(o); ok {
				continue
			}
			if err := h.copyWithin(probes.Program, s.program(o)); err != nil {
				return err
			}
		}
	}
	if err := h.root.WriteFile("etc/systemd/system/"+s.name+".service", []byte(s.unit(h.outside)), 0o644); err != nil {
		return err
	}
	return h.sandbox(ctx, s, nil)
}

// sandbox puts a service under a drop-in; nil is none.
func (h house) sandbox(ctx context.Context, s *service, dropIn []byte) error {
	dir := "etc/systemd/system/" + s.name + ".service.d"
	if err := h.root.RemoveAll(dir); err != nil {
		return err
	}
	if dropIn != nil {
		if err := errors.Join(h.root.MkdirAll(dir, 0o755), h.root.WriteFile(dir+"/50-sbxprof.conf", dropIn, 0o644)); err != nil {
			return err
		}
	}
	_, err := h.Output(ctx, "systemctl", "daemon-reload")
	return err
}

// live has a service live a life.
func (h house) live(ctx context.Context, s *service) (life, error) {
	return h.lead(ctx, s, append([]string{"sh", "-c", `systemctl start "$2"; exec sh "$@"`, "sh"}, drive(s)...))
}

// record has a service live a life that is recorded, and returns the trace.
func (h house) record(ctx context.Context, s *service, to string) (life, *trace.Trace, error) {
	_ = h.root.Remove(below(tracePath)) // there may be none
	got, err := h.lead(ctx, s, append([]string{sbxprofPath, "record", "--unit", s.name, "--restart", "--output", tracePath, "--", "sh"}, drive(s)...))
	if err != nil {
		return nil, nil, err
	}
	if err := copyFile(h.HostPath(tracePath), to); err != nil {
		return nil, nil, fmt.Errorf("no trace of %s: %w", s.name, err)
	}
	t, err := trace.ReadFile(to)
	return got, t, err
}

// drive is the command that sees a service through its life once it was started.
func drive(s *service) []string {
	command := []string{driverPath, s.name + ".service", s.transcript()}
	for _, p := range s.parts {
		command = append(command, p.line)
	}
	return command
}

// lead makes everything as it was before, runs a command, and reads what the service
// said meanwhile.
func (h house) lead(ctx context.Context, s *service, command []string) (life, error) {
	_ = h.root.Remove(below(s.transcript())) // there may be none
	for _, uid := range []int{probes.UserID - s.owner, s.owner} {
		if err := probes.PrepareArea(h.HostPath("/"), probes.Area, uid); err != nil {
			return nil, err
		}
	}
	// A service that does not start is no error: it has done nothing, which is compared.
	if _, err := h.Run(ctx, command...); err != nil {
		return nil, err
	}
	text, err := h.root.ReadFile(below(s.transcript()))
	if err != nil && !errors.Is(err, syscall.ENOENT) {
		return nil, err
	}
	return readLife(string(text), s.operations()), nil
}

// readLife reads a transcript: what else services say is of no interest.
func readLife(text string, operations []string) life {
	l := life{}
	for line := range strings.Lines(text) {
		name, status, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(status); err == nil && slices.Contains(operations, name) {
			l[name] = outcomeOf(name, n)
		}
	}
	return l
}

// outcomeOf is what an exit status of an operation stands for, as the shell has it:
// "probe --exec" ends with an errno.
func outcomeOf(operation string, status int) trace.Outcome {
	errno := syscall.Errno(status)
	_, isErrand := findErrand(operation)
	switch {
	case status == 0:
		return trace.OutcomeOK
	case isErrand:
		return trace.Outcome(fmt.Sprint("status ", status))
	case status == 128+int(unix.SIGSYS):
		return trace.OutcomeKilled
	case errno == unix.EOPNOTSUPP:
		return "EOPNOTSUPP"
	case unix.ErrnoName(errno) != "":
		return trace.Outcome(unix.ErrnoName(errno))
	}
	return trace.Outcome(fmt.Sprint("status ", status))
}

func below(name string) string { return strings.TrimPrefix(name, "/") }

func (h house) copyIn(from, to string) error {
	return copyFile(from, filepath.Join(h.HostPath("/"), to))
}

func (h house) copyWithin(from, to string) error {
	return h.copyIn(h.HostPath(from), to)
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}
