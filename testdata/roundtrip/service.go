// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed all:services
var serviceFiles embed.FS

// service is a service of Debian to try. Its service.conf has lines NAME=VALUE,
// with lists separated by spaces. NAME@SUITE=VALUE is for that release, instead of
// what the lines above it say.
type service struct {
	name string
	// unit is recorded and gets the drop-in.
	unit string
	// kind says in a few words what it is.
	kind     string
	packages []string
	// start are the units to start, and to enable for the reboot: by default the
	// unit. A socket or a timer stands in for the service that it starts, and
	// "none" for one that something else starts.
	start []string
	// first is set for a service whose very first start runs programs that no later
	// one runs: the training run holds that start. Others have run before, and what
	// their first start needs has to be told from what a later one does.
	first bool
	// logs are the files, as patterns of the shell, in which the service tells what
	// it tells no journal.
	logs []string
	// setup and workload are scripts.
	setup, workload []byte
}

// loadServices reads the services of those names, or all, as they are in a release.
func loadServices(suite string, only []string) ([]*service, error) {
	entries, err := fs.ReadDir(serviceFiles, "services")
	if err != nil {
		return nil, err
	}
	var services []*service
	for _, e := range entries {
		if !e.IsDir() || len(only) > 0 && !slices.Contains(only, e.Name()) {
			continue
		}
		s, err := loadService(suite, e.Name())
		if err != nil {
			return nil, fmt.Errorf("the service %s: %w", e.Name(), err)
		}
		services = append(services, s)
	}
	if len(services) == 0 || len(services) < len(only) {
		return nil, fmt.Errorf("not all of %q are folders of testdata/roundtrip/services", only)
	}
	return services, nil
}

func loadService(suite, name string) (*service, error) {
	conf, err := readServiceFile(name, "service.conf")
	if err != nil {
		return nil, err
	}
	s := &service{name: name}
	if err := s.parse(suite, string(conf)); err != nil {
		return nil, err
	}
	if s.workload, err = readServiceFile(name, "workload"); err != nil {
		return nil, err
	}
	s.setup, err = readServiceFile(name, "setup")
	return s, err
}

func readServiceFile(service, file string) ([]byte, error) {
	return serviceFiles.ReadFile(path.Join("services", service, file))
}

// parse reads a service.conf for a release.
func (s *service) parse(suite, conf string) error {
	for line := range strings.Lines(conf) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		name, of, ofOne := strings.Cut(name, "@")
		if ofOne && of != suite {
			continue
		}
		switch name {
		case "unit":
			s.unit = value
		case "kind":
			s.kind = value
		case "packages":
			s.packages = strings.Fields(value)
		case "start":
			s.start = strings.Fields(value)
		case "first":
			s.first = value == "yes"
		case "logs":
			s.logs = strings.Fields(value)
		default:
			return fmt.Errorf("service.conf: %q is not known", line)
		}
	}
	if s.unit == "" || s.kind == "" || len(s.packages) == 0 {
		return errors.New("service.conf needs unit=, kind= and packages=")
	}
	switch {
	case len(s.start) == 0:
		s.start = []string{s.unit}
	case s.start[0] == "none":
		s.start = nil
	}
	return nil
}
