// SPDX-License-Identifier: Apache-2.0

// Package bpf is the kernel side: the programs (in C, below c), loading and
// attaching them, and reading what they gathered. It is the only package that
// talks to the kernel's BPF.
//
// A Recorder is opened, told what to watch, started, drained and closed:
//
//	r, err := bpf.Open(bpf.Options{})
//	err = r.Start([]string{"/system.slice/lighttpd.service"})
//	go r.Events(func(e *bpf.Event) { … })
//	…
//	r.Stop()
//	state, err := r.State()
//
// System calls and capability checks are state in maps; paths, addresses and
// signals travel as events, each once. Nothing is pinned: what is attached goes
// with the process.
//
// Calls are recorded where they return. Where they are entered they are watched only
// while that tells something: see entries.
package bpf

//go:generate go tool bpf2go -target amd64,arm64 -type sbx_event -type sbx_loss -type sbx_call_kind -type sbx_abi -type sbx_phase -type sbx_event_kind -type sbx_how -type sbx_when -type sbx_uring_op sbx c/sbxprof.bpf.c -- -Ic -Wall -Wextra -Werror -Wno-unused-parameter -mcpu=v3
