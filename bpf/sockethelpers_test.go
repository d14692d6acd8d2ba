// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// useAddresses binds, listens, connects, accepts and sends, on the loopback.
func useAddresses([]string) error {
	server, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(unix.Bind(server, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(server, 1)); err != nil {
		return err
	}
	address, err := unix.Getsockname(server)
	if err != nil {
		return err
	}
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := unix.Connect(client, address); err != nil {
		return err
	}
	if _, _, err := unix.Accept(server); err != nil {
		return err
	}
	return errors.Join(bindV6(), sendDatagrams(), bindAbstract())
}

func bindV6() error {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	return errors.Join(unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1),
		unix.Bind(fd, &unix.SockaddrInet6{Port: 40123, Addr: [16]byte{15: 1}}))
}

// sendDatagrams sends to ports 40124, 40125 and 40126, by each call.
func sendDatagrams() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	to := func(port int) *unix.SockaddrInet4 {
		return &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
	}
	_, err = unix.SendmsgN(fd, []byte("x"), nil, to(40125), 0)
	return errors.Join(unix.Sendto(fd, []byte("x"), 0, to(40124)), ignore(err, unix.ECONNREFUSED))
}

func bindAbstract() error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	return unix.Bind(fd, &unix.SockaddrUnix{Name: "@sbxprof-test-" + strconv.Itoa(os.Getpid())})
}

// sendSignals sends SIGURG to the process of the argument and to its own, and asks
// whether the first one exists.
func sendSignals(args []string) error {
	pid, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return errors.Join(unix.Kill(pid, unix.SIGURG), unix.Kill(os.Getpid(), unix.SIGURG), unix.Kill(pid, 0))
}

// recordUntilKilled records the cgroup of the argument, and prints the ids of its
// programs.
func recordUntilKilled(args []string) error {
	r, err := Open(Options{})
	if err != nil {
		return err
	}
	if err := r.Start(args); err != nil {
		return err
	}
	for _, p := range r.maps.Programs {
		info, err := p.Info()
		if err != nil {
			return err
		}
		id, _ := info.ID()
		fmt.Println(id)
	}
	fmt.Println("ready")
	<-context.Background().Done()
	return nil
}
