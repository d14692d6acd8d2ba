// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
)

// WriteFile writes a file in the machine and makes the folders that it is in.
func (m *Machine) WriteFile(ctx context.Context, path string, content []byte, mode fs.FileMode) error {
	// Written from inside: seen from the host, an absolute symbolic link on the way
	// would lead to the host's files. A name of its own first: the file may be a
	// program that runs.
	const script = `mkdir -p "$(dirname "$1")" && cat >"$1.new" && chmod "$2" "$1.new" && mv "$1.new" "$1"`
	r, err := m.RunCommand(ctx, Command{
		Args:  []string{"sh", "-c", script, "sh", path, fmt.Sprintf("%o", mode.Perm())},
		Stdin: bytes.NewReader(content),
	})
	if err == nil && r.Status != 0 {
		err = fmt.Errorf("writing %s in the machine: %s", path, r.Stderr)
	}
	return err
}

// ReadFile reads a file in the machine.
func (m *Machine) ReadFile(ctx context.Context, path string) ([]byte, error) {
	content, err := m.Output(ctx, "cat", "--", path)
	return []byte(content), err
}

// CopyIn copies a file of the host, with its mode, into the machine.
func (m *Machine) CopyIn(ctx context.Context, hostPath, path string) error {
	info, err := os.Stat(hostPath)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(hostPath)
	if err != nil {
		return err
	}
	return m.WriteFile(ctx, path, content, info.Mode())
}

// CopyOut copies a file of the machine to the host.
func (m *Machine) CopyOut(ctx context.Context, path, hostPath string) error {
	content, err := m.ReadFile(ctx, path)
	if err != nil {
		return err
	}
	return os.WriteFile(hostPath, content, 0o644)
}
