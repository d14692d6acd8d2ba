// SPDX-License-Identifier: Apache-2.0

// Package seccomp is what this program knows about system calls and their
// filters: their names and numbers in every ABI of an architecture, which names
// belong together, which are dangerous, and what a filter answers to a call.
//
// The package is pure: it builds on any operating system, loads nothing into a
// kernel, and judges a filter in a virtual machine.
package seccomp
