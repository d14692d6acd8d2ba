// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// helpers are what the test binary does in a watched cgroup, by name. Each makes
// calls that the Go runtime does not make by itself: getpgid, getsid, getpriority.
var helpers = map[string]func([]string) error{
	"calls":      makeCalls,
	"children":   makeChildren,
	"wait":       waitForInput,
	"threads":    waitWithThreads,
	"setup":      setupThenExec,
	"filtered":   callFiltered,
	"killed":     callKilled,
	"compat":     callCompat,
	"minus":      callMinusOne,
	"setid":      changeIdentity,
	"nobody":     readAsNobody,
	"opens":      openMany,
	"deep":       openDeep,
	"mounts":     openInMounts,
	"chroot":     openInChroot,
	"unlinked":   openUnlinked,
	"fileops":    doFileOps,
	"storm":      forkStorm,
	"threaded":   threadStorm,
	"spread":     spreadFiles,
	"busy":       filterAndCall,
	"credential": checkWithOthers,
	"untouched":  nameUntouched,
	"addresses":  useAddresses,
	"signals":    sendSignals,
	"recorder":   recordUntilKilled,
	"move":       moveTo,
	"script":     execScript,
	"capability": needCapability,
	"execat":     execAt,
	"handle":     handleSignal,
	"latefilter": filterLate,
}

// makeCalls calls getpgid as often as the argument says.
func makeCalls(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	for range n {
		if _, err := unix.Getpgid(0); err != nil {
			return err
		}
	}
	return nil
}

// makeChildren runs "calls" in a child, and that child's child.
func makeChildren(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if _, err := unix.Getpgid(0); err != nil || args[0] == "0" {
		return err
	}
	depth, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return exec.Command(self, strconv.Itoa(depth-1)).Run()
}

// waitForInput says that it runs, and calls getpgid when it is told to.
func waitForInput([]string) error {
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	_, err := unix.Getpgid(0)
	return err
}

// waitWithThreads is waitForInput with another thread that calls getsid after it.
func waitWithThreads([]string) error {
	told, done := make(chan bool), make(chan error)
	go func() {
		runtime.LockOSThread()
		<-told
		_, err := unix.Getsid(0)
		done <- err
	}()
	if err := waitForInput(nil); err != nil {
		return err
	}
	told <- true
	return <-done
}

// setupThenExec calls getpgid, and executes the service, which calls getsid.
func setupThenExec(args []string) error {
	if len(args) == 0 {
		_, err := unix.Getsid(0)
		return err
	}
	if _, err := unix.Getpgid(0); err != nil {
		return err
	}
	env := append(os.Environ(), helperEnv+"=setup")
	return unix.Exec(args[0], args, env)
}

// filter installs a seccomp filter that answers getpgid with an action.
func filter(action uint32) error {
	code := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_GETPGID},
		{Code: unix.BPF_RET | unix.BPF_K, K: action},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
}

func callFiltered([]string) error {
	if err := filter(unix.SECCOMP_RET_ERRNO | uint32(unix.EXDEV)); err != nil {
		return err
	}
	for range 3 {
		if _, err := unix.Getpgid(0); !errors.Is(err, unix.EXDEV) {
			return fmt.Errorf("getpgid: %w", err)
		}
	}
	return nil
}

// callKilled is killed by its filter: the thread (args[0] is "thread") or all.
func callKilled(args []string) error {
	action := uint32(unix.SECCOMP_RET_KILL_PROCESS)
	if args[0] == "thread" {
		action = unix.SECCOMP_RET_KILL_THREAD
	}
	failed, thread := make(chan error, 1), make(chan int)
	go func() {
		runtime.LockOSThread()
		thread <- unix.Gettid()
		if err := filter(action); err != nil {
			failed <- err
			return
		}
		_, _ = unix.Getpgid(0)
	}()
	task := "/proc/self/task/" + strconv.Itoa(<-thread)
	for len(failed) == 0 {
		if _, err := os.Stat(task); err != nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return <-failed
}

// callCompat calls getpid by int 0x80: number 20 of i386.
func callCompat([]string) error {
	code := []byte{0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3} // mov $20, %eax; int $0x80; ret
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return err
	}
	copy(page, code)
	entry := unsafe.Pointer(&page[0])
	value := unsafe.Pointer(&entry)
	(*(*func())(unsafe.Pointer(&value)))()
	return nil
}

func callMinusOne([]string) error {
	for range 3 {
		if _, _, errno := syscall.RawSyscall(^uintptr(0), 0, 0, 0); errno != unix.ENOSYS {
			return errno
		}
	}
	_, err := unix.Getpgid(0)
	return err
}

// changeIdentity calls getpgid as root, and getsid as nobody, with another group.
func changeIdentity([]string) error {
	if _, err := unix.Getpgid(0); err != nil {
		return err
	}
	if err := syscall.Setgid(65533); err != nil {
		return err
	}
	if err := syscall.Setuid(65534); err != nil {
		return err
	}
	_, err := unix.Getsid(0)
	return err
}

// forkStorm makes as many children as the first argument says; each calls getsid.
func forkStorm(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	for range n {
		if err := forkCall(); err != nil {
			return err
		}
	}
	return nil
}

// forkCall forks without exec, as only raw system calls can in Go.
func forkCall() error {
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	if pid == 0 {
		syscall.RawSyscall(unix.SYS_GETSID, 0, 0, 0)
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	_, err := unix.Wait4(int(pid), nil, 0, nil)
	return err
}

// moveTo writes itself into the cgroup of the argument, after getpgid and before
// getsid.
func moveTo(args []string) error {
	if _, err := unix.Getpgid(0); err != nil {
		return err
	}
	if err := os.WriteFile(args[0]+"/cgroup.procs", []byte("0"), 0); err != nil {
		return err
	}
	_, err := unix.Getsid(0)
	return err
}

// needCapability makes a check that is granted, and as nobody one that is denied.
func needCapability([]string) error {
	if err := unix.Chroot("/"); err != nil {
		return err
	}
	if err := changeIdentity(nil); err != nil {
		return err
	}
	if err := unix.Chroot("/"); !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("chroot as nobody: %w", err)
	}
	return nil
}

// threadStorm makes as many threads as the argument says; each calls getsid.
func threadStorm(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	atOnce := make(chan bool, 100)
	var all sync.WaitGroup
	for range n {
		atOnce <- true
		all.Go(func() {
			runtime.LockOSThread() // for good: the thread ends with the goroutine
			if _, err := unix.Getsid(0); err != nil {
				select {
				case failed <- err:
				default:
				}
			}
			<-atOnce
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// filterAndCall sets a filter that has nothing to do with what it calls from then on,
// until it is told to end, and a bit longer.
func filterAndCall([]string) error {
	if err := filter(unix.SECCOMP_RET_ERRNO | uint32(unix.EXDEV)); err != nil {
		return err
	}
	told := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(os.Stdin).ReadString('\n')
		told <- err
	}()
	for n := 0; n < 2000; n++ {
		if n == 1000 {
			fmt.Println("ready")
		}
		if n > 1000 && len(told) == 0 {
			n--
		}
		if _, err := unix.Getsid(0); err != nil {
			return err
		}
	}
	return <-told
}

// checkWithOthers has the kernel check capabilities that are not the process's to need:
// in a user namespace of its own, and with the credentials of its real user.
func checkWithOthers(args []string) error {
	if len(args) == 0 {
		return unix.Sethostname([]byte("sbxprof-test"))
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(self)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWUTS,
		UidMappings: []syscall.SysProcIDMap{{Size: 1}}, GidMappings: []syscall.SysProcIDMap{{Size: 1}}}
	if err := c.Run(); err != nil {
		return fmt.Errorf("in a namespace of its own: %w", err)
	}
	if err := syscall.Setresuid(65534, 0, 0); err != nil {
		return err
	}
	if err := unix.Access(args[0], unix.R_OK); !errors.Is(err, unix.EACCES) {
		return fmt.Errorf("access as nobody: %w", err)
	}
	return nil
}
