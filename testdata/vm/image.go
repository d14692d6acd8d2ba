// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

//go:embed image.sh
var imageScript string

//go:embed qemu.sh
var qemuScript string

// basePackages are what every machine has. Newer versions of systemd load their
// libraries with dlopen and only recommend them: without libseccomp2, 262 ignores
// SystemCallFilter= without a word; without libbpf1, RestrictFileSystems= fails.
var basePackages = []string{
	"systemd", "systemd-sysv", "dbus", "udev", "kmod", "libseccomp2", "libnss-systemd",
	"libcap2-bin", "iproute2", "procps", "init-system-helpers", "netbase",
	"lighttpd", "curl", "strace",
}

var needs = []host.Need{
	{File: "/usr/bin/mmdebstrap", Package: "mmdebstrap", Why: "builds the images of the virtual machines"},
	{File: "/usr/share/keyrings/debian-archive-keyring.gpg", Package: "debian-archive-keyring", Why: "checks the signature of what is fetched for them"},
	{File: "/usr/sbin/mkfs.ext4", Package: "e2fsprogs", Why: "makes their file systems"},
	{File: "/usr/bin/xz", Package: "xz-utils", Why: "unpacks their kernel modules"},
}

var errNotRoot = errors.New("building the images of virtual machines takes root: run it as root")

// names is what a suite or a package may be called: it becomes an argument of
// apt-get and part of a path.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]*$`)

// packagesFor returns what the image of the options has in it.
func packagesFor(o Options) ([]string, error) {
	packages := append(slices.Clone(basePackages), o.Packages...)
	if o.Suite != "bullseye" {
		packages = append(packages, "libbpf1")
	}
	for _, name := range append([]string{o.Suite}, packages...) {
		if !names.MatchString(name) {
			return nil, fmt.Errorf("%q is no Debian suite or package", name)
		}
	}
	slices.Sort(packages)
	return slices.Compact(packages), nil
}

// image returns the folder that holds the options' disk image and kernel, and
// builds it when it is not in the cache: some 40 seconds.
func image(ctx context.Context, o Options) (string, error) {
	packages, err := packagesFor(o)
	if err != nil {
		return "", err
	}
	return built(ctx, o.Log, imageScript, "vm", o.Suite, strings.Join(packages, ","))
}

// qemu returns the folder with qemu in it, which is that of Debian 13 and not the
// host's: with 7.2, the one of Debian 12, guests with two CPUs die when BPF programs
// are attached, and 6.12 dies of itself. 10.0 has had neither in any of some 50 boots.
func qemu(ctx context.Context, log io.Writer) (string, error) {
	return built(ctx, log, qemuScript, "qemu", "trixie", "qemu-system-x86")
}

// built returns the folder of the cache that script fills, from packages (separated
// by commas) of the suite.
func built(ctx context.Context, log io.Writer, script, kind, suite, packages string) (string, error) {
	dir, err := host.CacheDir()
	if err != nil {
		return "", err
	}
	key := host.CacheKey(kind, suite, packages, script)
	return host.Cached(dir, key, func(tmp string) error {
		if err := ready(ctx, log); err != nil {
			return err
		}
		fmt.Fprintf(log, "vm: building %s (once; kept in %s)\n", key, dir)
		uri, reach, err := archive(ctx)
		if err != nil {
			return err
		}
		args := append([]string{suite, tmp, uri, packages}, reach...)
		var said bytes.Buffer
		if err := host.RunIsolated(ctx, &said, script, args...); err != nil {
			return fmt.Errorf("building %s: %w\n%s", key, err, said.Bytes())
		}
		return nil
	})
}

// ready makes sure that this host can build.
func ready(ctx context.Context, log io.Writer) error {
	if os.Geteuid() != 0 {
		return errNotRoot
	}
	if runtime.GOARCH != "amd64" {
		return fmt.Errorf("the virtual machines are x86-64 ones, and their packages are installed natively: this host is %s", runtime.GOARCH)
	}
	return host.Install(ctx, log, needs)
}

// archive returns the address of the Debian archive, and mmdebstrap's options for
// reaching it.
func archive(ctx context.Context) (uri string, reach []string, err error) {
	if uri, err = host.Mirror(ctx); err != nil {
		return "", nil, err
	}
	options, err := host.AptOptions(ctx)
	for _, o := range options {
		reach = append(reach, "--aptopt="+o)
	}
	return uri, reach, err
}
