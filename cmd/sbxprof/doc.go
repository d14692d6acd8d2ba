// SPDX-License-Identifier: Apache-2.0

// Sbxprof watches a systemd service with eBPF and suggests a sandbox for it.
//
// Each command is one file: its flags, a pure check of them, and a function that
// runs it on injected streams. What a command does lives in the packages it
// calls; what is here reads arguments and prints.
package main
