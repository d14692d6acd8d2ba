// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// kernelFinding looks for the type information of the kernel, without which no
// program can be fitted to it.
func kernelFinding() finding {
	f := finding{Name: "kernel"}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		f.Says = err.Error()
		return f
	}
	release := "Linux " + unix.ByteSliceToString(u.Release[:])
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		f.Says = fmt.Sprintf("%s without type information (BTF): Linux 5.15 or newer with CONFIG_DEBUG_INFO_BTF=y is needed", release)
		return f
	}
	f.OK, f.Says = true, release+" with BTF"
	return f
}

// lockdownFinding looks at lockdown(7), which forbids BPF programs to read kernel
// memory in its mode "confidentiality".
func lockdownFinding() finding {
	text, err := os.ReadFile("/sys/kernel/security/lockdown")
	if err != nil {
		return finding{"lockdown", true, "none"}
	}
	if strings.Contains(string(text), "[confidentiality]") {
		return finding{"lockdown", false, "confidentiality: BPF programs may not read kernel memory; boot with lockdown=integrity or less"}
	}
	_, mode, _ := strings.Cut(string(text), "[")
	mode, _, _ = strings.Cut(mode, "]")
	return finding{"lockdown", true, mode}
}
