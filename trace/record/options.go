// SPDX-License-Identifier: Apache-2.0

package record

import (
	"io"
	"time"

	"github.com/sbxprof/sbxprof/trace"
)

// Options says what to record, and when to end. The zero value of every field is
// its default; there must be Units or a Command.
type Options struct {
	// Units are the names of the units to watch, with or without ".service"; one
	// trace is made of each. A pattern ("b@*") and a slice ("system.slice") stand for
	// every service that fits, also those that appear later. None: Command itself is
	// recorded, in a cgroup of its own.
	Units []string
	// All watches every service of the host.
	All bool
	// Restart starts the units, or restarts those that run, once everything is
	// attached, so that their first instructions are in the trace.
	Restart bool
	// Command is run beside the units while they are recorded; recording ends with it.
	Command []string
	// Stdin, Stdout and Stderr are Command's; nil is /dev/null.
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Duration ends the recording after that time; 0 does not.
	Duration time.Duration
	// Runs ends the recording when each unit was started and has stopped again
	// that often; 0 does not. It is meant for oneshot and timer units.
	Runs int
	// StopWithUnit ends the recording when no unit is active any more, and none
	// has a job waiting (as it has while it is restarted).
	StopWithUnit bool

	// Recorder names the program in the traces' headers: "sbxprof 0.1.0".
	Recorder string
	// RingSize is the room for events that wait to be read, in bytes: a power of
	// two. 0 is 16 MiB.
	RingSize int

	// Ready is called when everything is attached and the units were restarted:
	// from now on nothing is missed. It gets the units' full names.
	Ready func(units []string)
	// Notice is told what a user should know at once: that a unit failed, that
	// something was lost.
	Notice func(message string)
	// Checkpoint gets the trace of each unit as it is so far, with
	// Header.Checkpoint set, every CheckpointEvery (0 is 30 s). Its errors end up
	// in Notice.
	Checkpoint      func(*trace.Trace) error
	CheckpointEvery time.Duration
}

// Result is what a training run gave.
type Result struct {
	// Traces has one trace for each of Options.Units that names a single unit, in
	// that order, then those of the units that were found, or the one of
	// Options.Command.
	Traces []*trace.Trace
	// Status is the exit status of Options.Command, 128 + the signal's number
	// when a signal killed it, and -1 without a command.
	Status int
	// Ended says what ended the recording.
	Ended Ending
}

// Ending is what ended a recording.
type Ending string

// The endings of a recording.
const (
	EndedByCaller   Ending = "interrupted"
	EndedByCommand  Ending = "the command ended"
	EndedByDuration Ending = "the time was over"
	EndedByRuns     Ending = "the unit ran as often as asked"
	EndedByUnit     Ending = "the unit stopped"
)
