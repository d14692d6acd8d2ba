// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed c
var sources embed.FS

// Without a libc, and below 4 GiB, where i386 calls find its data; int $0x80 is
// made with a push, so that there may be no red zone.
const compilerFlags = "-std=gnu11 -D_GNU_SOURCE -O2 -s -Wall -Wextra -Werror -ffreestanding -fno-pic " +
	"-fno-stack-protector -fno-asynchronous-unwind-tables -mno-red-zone -nostdlib -static"

// ErrNoCompiler is returned by [Build] when there is neither clang nor gcc.
var ErrNoCompiler = errors.New("no C compiler: install clang or gcc, and the C library's headers (libc6-dev)")

// Build compiles the program and returns its path, a file in the directory dir. A
// program that was built there before from the same sources is used again. It
// takes clang (14 or later) or gcc (12 or later), and runs on x86_64.
func Build(dir string) (string, error) {
	if runtime.GOARCH != "amd64" {
		return "", fmt.Errorf("building the probe program: it is written for x86_64, and this is %s", runtime.GOARCH)
	}
	sum, err := digest()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "probe-"+sum)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	return program, compile(program)
}

// digest is of the sources and of how they are compiled.
func digest() (string, error) {
	h := sha256.New()
	h.Write([]byte(compilerFlags))
	err := fs.WalkDir(sources, "c", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := sources.ReadFile(name)
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:16], err
}

func compile(program string) error {
	compiler, err := findCompiler()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(program), "build")
	if err != nil {
		return fmt.Errorf("building the probe program: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, sources); err != nil {
		return fmt.Errorf("building the probe program: %w", err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "c", "*.c"))
	built := filepath.Join(dir, "probe")
	args := append(strings.Fields(compilerFlags), "-o", built)
	if out, err := exec.Command(compiler, append(args, files...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("building the probe program with %s: %w\n%s", compiler, err, out)
	}
	return os.Rename(built, program)
}

func findCompiler() (string, error) {
	for _, name := range []string{"clang", "gcc"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoCompiler
}
