// SPDX-License-Identifier: Apache-2.0

package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Mirror returns the address of the Debian archive that the host's apt uses.
func Mirror(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "apt-get", "indextargets", "--format",
		"$(REPO_URI) $(RELEASE) $(COMPONENT)", "Identifier: Packages").Output()
	if err != nil {
		return "", fmt.Errorf("asking apt-get for the mirror: %w", err)
	}
	return parseMirror(string(out))
}

// parseMirror takes the first archive with whole releases: bookworm-security and
// bookworm-updates hold only what changed.
func parseMirror(targets string) (string, error) {
	lines := bufio.NewScanner(strings.NewReader(targets))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) == 3 && f[2] == "main" && !strings.ContainsAny(f[1], "-/") {
			return f[0], nil
		}
	}
	return "", errors.New("apt has no Debian archive: add one to /etc/apt/sources.list.d and run apt-get update")
}

// AptOptions returns the lines of the host's apt configuration that decide
// whether the archive can be reached at all, as apt.conf spells them.
func AptOptions(ctx context.Context) ([]string, error) {
	out, err := exec.CommandContext(ctx, "apt-config", "dump").Output()
	if err != nil {
		return nil, fmt.Errorf("asking apt-config for proxies: %w", err)
	}
	return reachOptions(string(out)), nil
}

func reachOptions(dump string) []string {
	wanted := []string{
		"Acquire::http::Proxy ", "Acquire::https::Proxy ", "Acquire::Retries ",
		"Acquire::Check-Valid-Until ", "Acquire::Check-Date ",
	}
	var options []string
	lines := bufio.NewScanner(strings.NewReader(dump))
	for lines.Scan() {
		for _, w := range wanted {
			if strings.HasPrefix(lines.Text(), w) {
				options = append(options, lines.Text())
			}
		}
	}
	return options
}
