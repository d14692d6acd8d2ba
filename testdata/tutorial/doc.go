// SPDX-License-Identifier: Apache-2.0

// Package tutorial tests what is promised of hardening by hand, done by the program:
// real services of Debian are recorded as they are shipped, get the user, directories
// and sandbox that are suggested, and do everything again.
package tutorial
