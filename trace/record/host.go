// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bufio"
	"debug/elf"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// hostOf describes this machine; systemd's version and features are added by who
// asked it.
func hostOf() trace.Host {
	h := trace.Host{Libc: libc("/"), OS: osName(), MergedUsr: isLink("/bin"), SELinux: exists("/sys/fs/selinux/enforce")}
	var u unix.Utsname
	if err := unix.Uname(&u); err == nil {
		h.Kernel = unix.ByteSliceToString(u.Release[:])
		h.Arch = unix.ByteSliceToString(u.Machine[:])
	}
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start"); err == nil {
		if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 16); err == nil {
			port := uint16(n)
			h.UnprivilegedPort = &port
		}
	}
	return h
}

func isLink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// osName is PRETTY_NAME of os-release(5).
func osName() string {
	for _, name := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			if value, ok := strings.CutPrefix(lines.Text(), "PRETTY_NAME="); ok {
				return strings.Trim(value, `"'`)
			}
		}
		return ""
	}
	return ""
}

// glibcVersion is how glibc's own binary says what it is.
var glibcVersion = regexp.MustCompile(`GNU C Library [^\n]*version (\d+\.\d+)`)

// libc is the C library below root: "glibc 2.36", or "musl" without a version.
func libc(root string) string {
	names, _ := filepath.Glob(filepath.Join(root, "lib/*/libc.so.6"))
	more, _ := filepath.Glob(filepath.Join(root, "lib64/libc.so.6"))
	for _, name := range append(names, more...) {
		if version := glibcIn(name); version != "" {
			return "glibc " + version
		}
	}
	if musl, _ := filepath.Glob(filepath.Join(root, "lib/ld-musl-*.so.1")); len(musl) > 0 {
		return "musl"
	}
	return ""
}

// glibcIn looks for the banner in the library's read-only data.
func glibcIn(name string) string {
	f, err := elf.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	section := f.Section(".rodata")
	if section == nil {
		return ""
	}
	data, err := section.Data()
	if err != nil {
		return ""
	}
	if m := glibcVersion.FindSubmatch(data); m != nil {
		return string(m[1])
	}
	return ""
}

// processPeak is the most memory that this process has taken, in bytes; 0 is unknown.
func processPeak() uint64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return uint64(usage.Maxrss) * 1024
}
