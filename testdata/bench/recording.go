// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// recording is a `sbxprof record` in the machine that watches lighttpd.
type recording struct {
	process *testbed.Process
	// ended receives the exit status; said is complete by then.
	ended chan int
	said  strings.Builder
}

// startRecording returns when everything is attached.
func (w *web) startRecording(ctx context.Context) (*recording, error) {
	out, in := io.Pipe()
	p, err := w.m.Start(ctx, testbed.Command{
		Args: []string{sbxprofPath, "record", "--unit", "lighttpd", "--output", tracePath}, Stderr: in,
	})
	if err != nil {
		return nil, err
	}
	r := &recording{process: p, ended: make(chan int, 1)}
	ready, read := make(chan bool, 1), make(chan bool)
	go func() {
		r.listen(out, ready)
		close(read)
	}()
	go func() {
		// A process that cannot be waited for has status -1.
		status, _ := p.Wait()
		in.Close()
		<-read
		r.ended <- status
	}()
	select {
	case <-ready:
		return r, nil
	case status := <-r.ended:
		return nil, fmt.Errorf("sbxprof record: exit status %d: %s", status, r.said.String())
	}
}

// listen reads what the recorder says, and tells when it is ready.
func (r *recording) listen(out io.Reader, ready chan<- bool) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		r.said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "recording lighttpd") {
			ready <- true
		}
	}
}

// stop ends the recording.
func (r *recording) stop() error {
	if err := r.process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	// An interrupted recording, with its trace written.
	const interrupted = 130
	if status := <-r.ended; status != interrupted {
		return fmt.Errorf("sbxprof record: exit status %d: %s", status, r.said.String())
	}
	return nil
}
