// SPDX-License-Identifier: Apache-2.0

// Package unit asks systemd about a unit, over D-Bus: what it is, what its files
// say, where its cgroup is and how it is doing; and starts or restarts it.
package unit
