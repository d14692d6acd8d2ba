// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// need is something that the test bed uses on the host.
type need struct {
	file string // there when the package is installed
	pkg  string
	why  string
}

var needs = []need{
	{"/usr/bin/mmdebstrap", "mmdebstrap", "builds the Debian root file systems"},
	{"/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring", "checks the signature of what is fetched for them"},
	{"/usr/bin/unshare", "util-linux", "makes the namespaces"},
	{"/usr/bin/mount", "mount", "mounts what is in them"},
	{"/usr/bin/find", "findutils", "removes what a machine leaves"},
}

// errNotRoot tells what to do about it.
var errNotRoot = errors.New("the test bed boots systemd in namespaces: run it as root")

// Install installs with apt-get what the test bed needs on the host and lacks,
// and says to log what it installs and why. It does nothing on a host that has
// everything.
func Install(ctx context.Context, log io.Writer) error {
	if os.Geteuid() != 0 {
		return errNotRoot
	}
	missing := lacking(needs)
	if len(missing) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("the test bed needs a Debian 12 or 13 host, or these installed: %s", packageNames(missing))
	}
	for _, n := range missing {
		fmt.Fprintf(log, "testbed: installing %s: it %s\n", n.pkg, n.why)
	}
	if err := aptGet(ctx, log, "update"); err != nil {
		return err
	}
	args := []string{"install", "--yes", "--no-install-recommends"}
	return aptGet(ctx, log, append(args, strings.Fields(packageNames(missing))...)...)
}

func lacking(needs []need) []need {
	var missing []need
	for _, n := range needs {
		if !exists(n.file) {
			missing = append(missing, n)
		}
	}
	return missing
}

func packageNames(needs []need) string {
	var names []string
	for _, n := range needs {
		names = append(names, n.pkg)
	}
	return strings.Join(names, " ")
}

func aptGet(ctx context.Context, log io.Writer, args ...string) error {
	// Another apt (unattended-upgrades on a fresh machine) may hold the lock.
	args = append([]string{"-qq", "-o", "DPkg::Lock::Timeout=120"}, args...)
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
