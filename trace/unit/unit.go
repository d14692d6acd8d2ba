// SPDX-License-Identifier: Apache-2.0

package unit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Unit is a service as systemd has it loaded.
type Unit struct {
	trace.Unit
	// Cgroup is the path of its control group below the root of the hierarchy, as
	// systemd sees it. It is known also when the unit does not run.
	Cgroup string
}

// FullName is a unit's name with its suffix: a name without any is a service's.
func FullName(name string) string {
	if trace.HasUnitSuffix(name) {
		return name
	}
	return name + ".service"
}

// Lookup loads a unit by its name or one of its aliases, with or without
// ".service". Its errors wrap ErrNotFound, ErrMasked, ErrNoBus.
func (m *Manager) Lookup(ctx context.Context, name string) (*Unit, error) {
	full := FullName(name)
	if !strings.HasSuffix(full, ".service") {
		return nil, fmt.Errorf("%s is no service: only services can be recorded", full)
	}
	if strings.HasSuffix(full, "@.service") {
		return nil, fmt.Errorf("%w: %s is a template; name an instance of it", ErrNotFound, full)
	}
	conn, err := m.connection(ctx)
	if err != nil {
		return nil, err
	}
	p, err := conn.GetAllPropertiesContext(ctx, full)
	if err != nil {
		return nil, fmt.Errorf("asking systemd for %s: %w", full, err)
	}
	if err := loadError(full, properties(p)); err != nil {
		return nil, err
	}
	version, _, err := m.Version(ctx)
	if err != nil {
		return nil, err
	}
	u, err := newUnit(properties(p), version)
	if err != nil {
		return nil, fmt.Errorf("reading the unit %s: %w", full, err)
	}
	return u, nil
}

// properties are a unit's D-Bus properties.
type properties map[string]any

func (p properties) text(name string) string {
	s, _ := p[name].(string)
	return s
}

func (p properties) texts(name string) []string {
	s, _ := p[name].([]string)
	return s
}

// loadError tells why a unit is not one that can run.
func loadError(name string, p properties) error {
	switch state := p.text("LoadState"); state {
	case "loaded":
		return nil
	case "not-found":

		return fmt.Errorf("%w: %s; `systemctl list-unit-files --type=service` lists them", ErrNotFound, name)
	case "masked":
		return fmt.Errorf("%w: %s; `systemctl unmask %s` first", ErrMasked, name, name)
	default:
		reason := ""
		if e, ok := p["LoadError"].([]any); ok && len(e) == 2 {
			reason, _ = e[1].(string)
		}
		return fmt.Errorf("systemd could not load %s (%s): %s", name, state, reason)
	}
}

func newUnit(p properties, version string) (*Unit, error) {
	u := &Unit{Cgroup: p.text("ControlGroup")}
	u.Name = p.text("Id")
	u.Fragment = trace.Path(p.text("FragmentPath"))
	for _, path := range p.texts("DropInPaths") {
		u.DropIns = append(u.DropIns, trace.Path(path))
	}
	for _, name := range p.texts("TriggeredBy") {
		if strings.HasSuffix(name, ".socket") {
			u.Sockets = append(u.Sockets, name)
		}
	}
	if depends, known := p["DefaultDependencies"].(bool); known {
		u.Early = !depends
	}
	if u.Cgroup == "" {
		u.Cgroup = SlicePath(p.text("Slice")) + "/" + u.Name
	}
	u.Commands = commandsOf(p)
	v, err := systemd.ParseVersion(version)
	if err != nil {
		return nil, err
	}
	if u.Settings, err = readSettings(u, v); err != nil {
		return nil, err
	}
	// What the files say now is not what systemd has loaded if it needs a reload. It
	// is all there is to know where the properties lack prefixes.
	_, complete := p["ExecStartEx"]
	if stale, _ := p["NeedDaemonReload"].(bool); !stale || !complete {
		setPrefixes(u.Commands, u.Settings, v)
	}
	return u, nil
}

// SlicePath is where a slice's cgroup is: that of "a-b.slice" is in that of
// "a.slice". It is "" for the root slice "-.slice".
func SlicePath(slice string) string {
	name := strings.TrimSuffix(slice, ".slice")
	if name == "" || name == "-" {
		return ""
	}
	var path strings.Builder
	for i, c := range name + "-" {
		if c == '-' {
			path.WriteString("/" + name[:i] + ".slice")
		}
	}
	return path.String()
}

// readSettings reads the [Service] section of the unit's files in order. A transient
// unit's are read as well: systemd keeps them in files.
func readSettings(u *Unit, v systemd.Version) ([]trace.Setting, error) {
	var files []systemd.File
	for _, path := range append([]trace.Path{u.Fragment}, u.DropIns...) {
		if path == "" {
			continue
		}
		f, err := readFile(string(path), v)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since systemd loaded it
		}
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return systemd.Combine("Service", files...), nil
}

func readFile(path string, v systemd.Version) (systemd.File, error) {
	r, err := os.Open(path)
	if err != nil {
		return systemd.File{}, err
	}
	defer r.Close()
	f, err := systemd.Parse(r, v)
	if err != nil {
		return f, fmt.Errorf("reading %s: %w", path, err)
	}
	return f, nil
}

// CheckCgroup tells whether the unit's cgroup is, or will be, in the cgroup2
// hierarchy that is mounted at mount. Its error wraps ErrCgroupV1.
func (u *Unit) CheckCgroup(mount string) error {
	parts := strings.Split(strings.Trim(u.Cgroup, "/"), "/")
	_, err := os.Stat(filepath.Join(mount, parts[0]))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s has no cgroup below %s; boot with systemd.unified_cgroup_hierarchy=1", ErrCgroupV1, u.Name, mount)
	}
	if err != nil {
		return fmt.Errorf("looking for the cgroup of %s: %w", u.Name, err)
	}
	return nil
}
