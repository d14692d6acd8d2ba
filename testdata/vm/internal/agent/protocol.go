// SPDX-License-Identifier: Apache-2.0

// Package agent is the conversation between a virtual machine and the process that
// booted it: one gob-encoded answer for each request, one after the other.
package agent

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// PortName is the name of the virtio serial port that the agent listens on.
const PortName = "sbxprof.agent"

// Request asks for one of three things: to run Args, to write the file Put, or to
// read the file Get.
type Request struct {
	// Args are a program and its arguments; it is killed, with its process group,
	// after Timeout.
	Args    []string
	Timeout time.Duration

	Put     string
	Mode    fs.FileMode
	Content []byte // of Put

	Get string
}

// Answer is what became of a request.
type Answer struct {
	// Status is the exit status of the program, or 128 and the number of the signal
	// that ended it.
	Status         int
	Stdout, Stderr []byte

	Content []byte // of Get

	// Error is set when it was not done at all.
	Error string
}

// Client is the end of the process that booted the machine.
type Client struct {
	encoder *gob.Encoder
	decoder *gob.Decoder
}

// NewClient waits until the agent at the other end of conn says that it is there.
func NewClient(conn io.ReadWriter) (*Client, error) {
	c := &Client{gob.NewEncoder(conn), gob.NewDecoder(conn)}
	var hello Answer
	if err := c.decoder.Decode(&hello); err != nil {
		return nil, fmt.Errorf("waiting for the agent: %w", err)
	}
	return c, nil
}

// Do has the agent do q. An error other than ErrRefused means that the
// conversation is over.
func (c *Client) Do(q Request) (Answer, error) {
	if err := c.encoder.Encode(q); err != nil {
		return Answer{}, fmt.Errorf("asking the agent: %w", err)
	}
	var a Answer
	if err := c.decoder.Decode(&a); err != nil {
		return Answer{}, fmt.Errorf("waiting for the agent's answer: %w", err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%w: %s", ErrRefused, a.Error)
	}
	return a, nil
}

// ErrRefused is what a request ends with that the agent could not fulfil.
var ErrRefused = errors.New("in the machine")
