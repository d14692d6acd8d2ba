// SPDX-License-Identifier: Apache-2.0

package bpf

//go:generate go tool bpf2go -target amd64,arm64 -type sbx_event -type sbx_loss -type sbx_call_kind -type sbx_abi -type sbx_phase -type sbx_event_kind -type sbx_how -type sbx_when sbx c/sbxprof.bpf.c -- -Ic -Wall -Wextra -Werror -Wno-unused-parameter -mcpu=v3
