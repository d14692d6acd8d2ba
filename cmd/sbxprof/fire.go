// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// fireCommand is what doctor records: it does once what each source should see.
const fireCommand = "fire"

func newFireCommand() *cobra.Command {
	return &cobra.Command{
		Use:    fireCommand,
		Short:  "Do once what each source should see, for doctor",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return fire() },
	}
}

func fire() error {
	return errors.Join(fireFile(), fireCapability(), fireAddress(), fireSignal(), fireUring())
}

func fireFile() error {
	dir, err := os.MkdirTemp("", "sbxprof-doctor-")
	if err != nil {
		return err
	}
	return os.Remove(dir)
}

// fireCapability changes the root directory to what it is, which takes
// CAP_SYS_CHROOT.
func fireCapability() error { return unix.Chroot("/") }

func fireAddress() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	return l.Close()
}

// fireSignal sends the recorder, which is outside of what is recorded, a signal that
// Go programs pass over.
func fireSignal() error { return unix.Kill(os.Getppid(), unix.SIGURG) }

// uringParams is struct io_uring_params of linux/io_uring.h.
type uringParams struct {
	sqEntries, cqEntries, flags, sqThreadCPU, sqThreadIdle, features, wqFD uint32
	_                                                                      [3]uint32
	sq                                                                     struct {
		head, tail, ringMask, ringEntries, flags, dropped, array, _ uint32
		_                                                           uint64
	}
	_ [40]byte // the completion queue's offsets
}

// uringEntry is the head of struct io_uring_sqe; 18 is IORING_OP_OPENAT.
type uringEntry struct {
	opcode, flags uint8
	ioprio        uint16
	fd            int32
	off, addr     uint64
}

// uringFile is what is opened through io_uring. It can never be there.
const uringFile = "/proc/sbxprof-doctor"

// fireUring has io_uring open a file. Where the kernel has no io_uring for programs
// there is nothing to see.
func fireUring() error {
	const offSQEs, sizeSQE, getEvents = 0x10000000, 64, 1
	var p uringParams
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&p)), 0)
	if errno == unix.ENOSYS || errno == unix.EPERM {
		return nil
	}
	if errno != 0 {
		return fmt.Errorf("setting up io_uring: %w", errno)
	}
	defer unix.Close(int(fd))
	ring, err := unix.Mmap(int(fd), 0, int(p.sq.array)+4, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping io_uring's queue: %w", err)
	}
	defer unix.Munmap(ring)
	entries, err := unix.Mmap(int(fd), offSQEs, sizeSQE, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping io_uring's entries: %w", err)
	}
	defer unix.Munmap(entries)
	name := append([]byte(uringFile), 0)
	defer runtime.KeepAlive(name) // the kernel has its address as a number
	*(*uringEntry)(unsafe.Pointer(&entries[0])) = uringEntry{opcode: 18, fd: unix.AT_FDCWD, addr: uint64(uintptr(unsafe.Pointer(&name[0])))}
	atomic.AddUint32((*uint32)(unsafe.Pointer(&ring[p.sq.tail])), 1)
	if _, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, fd, 1, 1, getEvents, 0, 0); errno != 0 {
		return fmt.Errorf("submitting to io_uring: %w", errno)
	}
	return nil
}
