// SPDX-License-Identifier: Apache-2.0

// Package host is what the test beds have in common: they keep what they build in
// a cache, build it from the Debian archive that the host's apt uses, install on
// the host what they lack, and start nothing that outlives them.
package host
