// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/vm/internal/agent"
)

// serve is the agent.
func serve() error {
	path, err := port()
	if err != nil {
		return err
	}
	conn, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer conn.Close()
	return agent.Serve(conn)
}

// port finds the agent's port by its name: its number depends on the order of
// devices, and the links in /dev/virtio-ports on udev.
func port() (string, error) {
	names, err := filepath.Glob("/sys/class/virtio-ports/*/name")
	if err != nil {
		return "", err
	}
	for _, path := range names {
		name, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(string(name)) == agent.PortName {
			return filepath.Join("/dev", filepath.Base(filepath.Dir(path))), nil
		}
	}
	return "", fmt.Errorf("this machine has no port named %s", agent.PortName)
}
