// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

var needs = []host.Need{
	{File: "/usr/bin/mmdebstrap", Package: "mmdebstrap", Why: "builds the Debian root file systems"},
	{File: "/usr/share/keyrings/debian-archive-keyring.gpg", Package: "debian-archive-keyring", Why: "checks the signature of what is fetched for them"},
	{File: "/usr/bin/unshare", Package: "util-linux", Why: "makes the namespaces"},
	{File: "/usr/bin/mount", Package: "mount", Why: "mounts what is in them"},
	{File: "/usr/bin/find", Package: "findutils", Why: "removes what a machine leaves"},
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
	return host.Install(ctx, log, needs)
}
