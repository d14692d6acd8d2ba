// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Need is something that a test bed uses on the host.
type Need struct {
	File    string // there when the package is installed
	Package string
	Why     string // "testbed: installing PACKAGE: it …"
}

// Install installs with apt-get what of needs the host lacks, and says to log
// what it installs and why. It does nothing on a host that has everything.
func Install(ctx context.Context, log io.Writer, needs []Need) error {
	missing := lacking(needs)
	if len(missing) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("the test bed needs a Debian 12 or 13 host, or these installed: %s", packageNames(missing))
	}
	for _, n := range missing {
		fmt.Fprintf(log, "testbed: installing %s: it %s\n", n.Package, n.Why)
	}
	if err := aptGet(ctx, "update"); err != nil {
		return err
	}
	args := []string{"install", "--yes", "--no-install-recommends"}
	return aptGet(ctx, append(args, strings.Fields(packageNames(missing))...)...)
}

func lacking(needs []Need) []Need {
	var missing []Need
	for _, n := range needs {
		if !Exists(n.File) {
			missing = append(missing, n)
		}
	}
	return missing
}

func packageNames(needs []Need) string {
	var names []string
	for _, n := range needs {
		names = append(names, n.Package)
	}
	return strings.Join(names, " ")
}

func aptGet(ctx context.Context, args ...string) error {
	// Another apt (unattended-upgrades on a fresh machine) may hold the lock.
	args = append([]string{"-qq", "-o", "DPkg::Lock::Timeout=120"}, args...)
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	// It has much to say that nobody wants to know.
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
