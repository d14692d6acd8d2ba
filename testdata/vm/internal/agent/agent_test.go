// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"bytes"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// pair returns a client of an agent on this machine.
func pair(t *testing.T) *Client {
	t.Helper()
	near, far := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(far) }()
	t.Cleanup(func() {
		near.Close()
		if err := <-served; err != nil {
			t.Errorf("the agent ended with %v", err)
		}
	})
	c, err := NewClient(near)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRun(t *testing.T) {
	c := pair(t)
	for _, test := range []struct {
		name           string
		script         string
		timeout        time.Duration
		status         int
		stdout, stderr string
	}{
		{"output", "echo out; echo err >&2", time.Minute, 0, "out\n", "err\n"},
		{"status", "exit 7", time.Minute, 7, "", ""},
		{"killed by a signal", "kill -TERM $$", time.Minute, 128 + 15, "", ""},
		{"too long", "sleep 1000 & wait", 50 * time.Millisecond, 128 + 9, "", ""},
		{"no shell words", `printf '%s\n' "a  b" '$x'`, time.Minute, 0, "a  b\n$x\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, err := c.Do(Request{Args: []string{"sh", "-c", test.script}, Timeout: test.timeout})
			if err != nil {
				t.Fatal(err)
			}
			if a.Status != test.status {
				t.Errorf("status %d, want %d", a.Status, test.status)
			}
			if got := string(a.Stdout); got != test.stdout {
				t.Errorf("standard output %q, want %q", got, test.stdout)
			}
			if got := string(a.Stderr); got != test.stderr {
				t.Errorf("standard error %q, want %q", got, test.stderr)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	c := pair(t)
	path := filepath.Join(t.TempDir(), "new", "file")
	content := bytes.Repeat([]byte{0, '\n', 0xff}, 1<<20)
	if _, err := c.Do(Request{Put: path, Content: content, Mode: 0o640}); err != nil {
		t.Fatal(err)
	}
	a, err := c.Do(Request{Get: path})
	if err != nil || !bytes.Equal(a.Content, content) {
		t.Errorf("read %d bytes, %v, want the %d that were written", len(a.Content), err, len(content))
	}
	a, err = c.Do(Request{Args: []string{"stat", "-c", "%a", path}, Timeout: time.Minute})
	if got := string(a.Stdout); err != nil || got != "640\n" {
		t.Errorf("mode %q, %v, want 640", got, err)
	}
}

// A refused request is no end of the conversation.
func TestRefused(t *testing.T) {
	c := pair(t)
	for _, q := range []Request{
		{},
		{Args: []string{"/nonexistent"}},
		{Get: "/nonexistent"},
		{Put: "/proc/nonexistent/file"},
	} {
		if _, err := c.Do(q); !errors.Is(err, ErrRefused) {
			t.Errorf("%+v: %v, want ErrRefused", q, err)
		}
	}
	if _, err := c.Do(Request{Args: []string{"true"}, Timeout: time.Minute}); err != nil {
		t.Errorf("a request after refused ones: %v", err)
	}
}

func TestAgentGone(t *testing.T) {
	near, far := net.Pipe()
	far.Close()
	if _, err := NewClient(near); !errors.Is(err, io.EOF) {
		t.Errorf("NewClient without an agent: %v, want EOF", err)
	}
}
