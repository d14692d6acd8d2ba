// SPDX-License-Identifier: Apache-2.0

package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// defaultCache outlives a reboot and is outside every repository.
const defaultCache = "/var/cache/sbxprof-testbed"

// CacheDir returns the folder of roots and layers. It is closed to other users:
// old roots hold old setuid programs.
func CacheDir() (string, error) {
	dir := os.Getenv("SBXPROF_TESTBED_CACHE")
	if dir == "" {
		dir = defaultCache
	}
	if !filepath.IsAbs(dir) || strings.ContainsAny(dir, ":,\\") {
		return "", fmt.Errorf("SBXPROF_TESTBED_CACHE=%s: give an absolute path without colon, comma and backslash (overlayfs options)", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the cache of the test bed: %w", err)
	}
	return dir, nil
}

// CacheKey returns the name of the folder that holds what the parts determine;
// kind and name are for the reader.
func CacheKey(kind, name string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return kind + "-" + name + "-" + hex.EncodeToString(sum[:6])
}

// Cached returns the folder dir/key and has build fill it when it is not there.
// Only one process builds at a time, and nobody sees a half-built folder.
func Cached(dir, key string, build func(tmp string) error) (string, error) {
	path := filepath.Join(dir, key)
	if Exists(path) {
		return path, nil
	}
	// One lock for all: apt and two builds at once are slower than one after the other.
	lock, err := Lock(filepath.Join(dir, "build.lock"))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if Exists(path) {
		return path, nil
	}
	tmp := path + ".building"
	// Its builder was killed, and with it all its mounts: isolated builds die whole.
	if err := os.RemoveAll(tmp); err != nil {
		return "", fmt.Errorf("removing a half-built root: %w", err)
	}
	if err := os.Mkdir(tmp, 0o755); err != nil {
		return "", err
	}
	if err := build(tmp); err != nil {
		return "", errors.Join(err, os.RemoveAll(tmp))
	}
	return path, os.Rename(tmp, path)
}

// Exists tells whether something is at path, of whatever kind.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Lock waits for the lock on path, which is free again when the file is
// closed or its owner dies.
func Lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return f, nil
}
