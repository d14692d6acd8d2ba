// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bytes"
	"encoding/gob"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Serve says that the agent is there, and then does what it is asked for until
// conn ends.
func Serve(conn io.ReadWriter) error {
	encoder, decoder := gob.NewEncoder(conn), gob.NewDecoder(conn)
	if err := encoder.Encode(Answer{}); err != nil {
		return err
	}
	for {
		var q Request
		if err := decoder.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := q.do()
		if err != nil {
			a.Error = err.Error()
		}
		if err := encoder.Encode(a); err != nil {
			return err
		}
	}
}

func (q Request) do() (a Answer, err error) {
	switch {
	case len(q.Args) > 0:
		return run(q.Args, q.Timeout)
	case q.Put != "":
		return a, write(q.Put, q.Content, q.Mode)
	case q.Get != "":
		a.Content, err = os.ReadFile(q.Get)
		return a, err
	}
	return a, errors.New("an empty request")
}

func run(args []string, timeout time.Duration) (Answer, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// What it leaves running may keep its output open.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return Answer{}, err
	}
	group := -cmd.Process.Pid
	timer := time.AfterFunc(timeout, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return Answer{Status: status(cmd.ProcessState), Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}, err
}

func status(state *os.ProcessState) int {
	if w := state.Sys().(syscall.WaitStatus); w.Signaled() {
		return 128 + int(w.Signal())
	}
	return state.ExitCode()
}

// write writes a file under another name first: it may be a program that runs.
func write(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, content, 0o600); err != nil {
		return err
	}
	return errors.Join(os.Chmod(tmp, mode), os.Rename(tmp, path))
}
