// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

//go:embed root.sh
var rootScript string

//go:embed layer.sh
var layerScript string

// basePackages are what every machine has. libseccomp2 is named because newer
// versions of systemd only recommend it and ignore SystemCallFilter= without it.
var basePackages = []string{
	"systemd", "systemd-sysv", "dbus", "libpam-systemd", "libnss-systemd", "libseccomp2",
	"init-system-helpers", "iproute2", "procps", "netbase", "libcap2-bin",
}

// names is what a suite or a package may be called: it becomes an argument of
// apt-get and part of a path.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]*$`)

// Root returns the folder with the root file system of a Debian suite, and
// builds it when it is not in the cache: some 20 seconds and 160 MB.
func Root(ctx context.Context, suite string, log io.Writer) (string, error) {
	if !names.MatchString(suite) {
		return "", fmt.Errorf("%q is no Debian suite: give bookworm, trixie or another code name", suite)
	}
	dir, err := host.CacheDir()
	if err != nil {
		return "", err
	}
	packages := strings.Join(basePackages, ",")
	key := host.CacheKey("root", suite, runtime.GOARCH, packages, rootScript)
	return host.Cached(dir, key, func(tmp string) error {
		if err := Install(ctx, log); err != nil {
			return err
		}
		fmt.Fprintf(log, "testbed: building the root of %s (once; kept in %s)\n", suite, dir)
		uri, err := host.Mirror(ctx)
		if err != nil {
			return err
		}
		args := []string{suite, tmp, uri, packages}
		reach, err := host.AptOptions(ctx)
		if err != nil {
			return err
		}
		for _, o := range reach {
			args = append(args, "--aptopt="+o)
		}
		return build(ctx, "building the root of "+suite, rootScript, args...)
	})
}

// Layer returns the folder with what installing packages changes in root, a
// folder of [Root], and installs them when it is not in the cache. What they
// enabled is disabled again: a test starts what it tests.
func Layer(ctx context.Context, root string, packages []string, log io.Writer) (string, error) {
	packages = slices.Compact(slices.Sorted(slices.Values(packages)))
	for _, p := range packages {
		if !names.MatchString(p) {
			return "", fmt.Errorf("%q is no Debian package", p)
		}
	}
	parts := append([]string{filepath.Base(root), layerScript}, packages...)
	key := host.CacheKey("layer", packages[0], parts...)
	layer, err := host.Cached(filepath.Dir(root), key, func(tmp string) error {
		list := strings.Join(packages, " ")
		fmt.Fprintf(log, "testbed: installing %s above %s (once)\n", list, filepath.Base(root))
		return build(ctx, "installing "+list, layerScript, append([]string{root, tmp}, packages...)...)
	})
	return filepath.Join(layer, "upper"), err
}

// build runs a building script and shows what it said only when it fails.
func build(ctx context.Context, what, script string, args ...string) error {
	var said bytes.Buffer
	if err := host.RunIsolated(ctx, &said, script, args...); err != nil {
		return fmt.Errorf("%s: %w\n%s", what, err, said.Bytes())
	}
	return nil
}
