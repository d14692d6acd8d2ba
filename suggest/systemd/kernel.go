// SPDX-License-Identifier: Apache-2.0

package systemd

import "fmt"

// KernelVersion is the release of a Linux kernel; the zero value is unknown.
type KernelVersion struct{ Major, Minor int }

// ParseKernel reads a release as uname -r prints it: "6.1.0-37-amd64".
func ParseKernel(s string) (KernelVersion, error) {
	var k KernelVersion
	if n, _ := fmt.Sscanf(s, "%d.%d", &k.Major, &k.Minor); n != 2 || k.Major < 1 || k.Minor < 0 {
		return KernelVersion{}, fmt.Errorf("%.40q is no kernel release: write it as uname -r prints it, as in 6.1.0-37-amd64", s)
	}
	return k, nil
}

// String returns "6.1", or "unknown".
func (k KernelVersion) String() string {
	if k.Unknown() {
		return "unknown"
	}
	return fmt.Sprintf("%d.%d", k.Major, k.Minor)
}

// Unknown tells that k is the zero value.
func (k KernelVersion) Unknown() bool { return k == KernelVersion{} }

// AtLeast tells whether k is known and not older than other.
func (k KernelVersion) AtLeast(other KernelVersion) bool {
	return k.Major > other.Major || k.Major == other.Major && k.Minor >= other.Minor
}
