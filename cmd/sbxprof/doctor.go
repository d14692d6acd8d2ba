// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/record"
)

const doctorLong = `Doctor says what this machine can record: it looks for what recording needs, and then
records itself doing once what each source should see. Of what is missing it says
what stays hidden. Its exit status is 4 if nothing can be recorded.`

type doctorOptions struct{ format string }

func newDoctorCommand(s streams) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can record",
		Long:  doctorLong + exitStatusHelp,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), o, s) },
	}
	addChoice(cmd, &o.format, "format", "how to print it", "text", "json")
	return cmd
}

// finding is what doctor found out about one thing that recording needs.
type finding struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Says is what it is, or what is wrong with it and what to do.
	Says string `json:"says"`
}

// sourceFinding is a source, and whether it saw what it should.
type sourceFinding struct {
	trace.Source
	Fires bool `json:"fires"`
}

type diagnosis struct {
	Recordable bool            `json:"recordable"`
	Findings   []finding       `json:"findings"`
	Sources    []sourceFinding `json:"sources"`
}

func runDoctor(ctx context.Context, o doctorOptions, s streams) error {
	d := diagnose(ctx)
	if o.format == "json" {
		if err := printJSON(s.out, d); err != nil {
			return err
		}
	} else {
		d.print(s.out)
	}
	if !d.Recordable {
		return toldError{bpf.ErrUnsupported}
	}
	return nil
}

func diagnose(ctx context.Context) diagnosis {
	d := diagnosis{Findings: []finding{kernelFinding(), lockdownFinding(), systemdFinding(ctx)}, Sources: []sourceFinding{}}
	t, err := recordSelf(ctx)
	if err != nil {
		d.Findings = append(d.Findings, finding{"recording", false, strings.ReplaceAll(err.Error(), "\n", "; ")})
		return d
	}
	d.Findings = append(d.Findings, finding{"recording", true, "the programs load, attach and see this program"})
	d.Sources = firing(t)
	d.Recordable = true
	for _, source := range d.Sources {
		if source.Needed && !source.Fires {
			d.Recordable = false
		}
	}
	return d
}

// recordSelf records this program doing what each source should see.
func recordSelf(ctx context.Context) (*trace.Trace, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("looking for this program: %w", err)
	}
	var said strings.Builder
	result, err := record.Run(ctx, record.Options{
		Command: []string{self, fireCommand}, Stderr: &said, Recorder: "sbxprof " + programVersion(),
	})
	switch {
	case err != nil:
		return nil, explainRefusal(err)
	case result.Status != 0:
		return nil, fmt.Errorf("what was recorded failed: %s", cmp.Or(strings.TrimSpace(said.String()), fmt.Sprint("exit status ", result.Status)))
	}
	return result.Traces[0], nil
}

// sees tells whether an observation shows that a source fires.
var sees = map[string]func(*trace.Observation) bool{
	"syscalls": isA(trace.KindSyscall), "capabilities": isA(trace.KindCapability), "files": isA(trace.KindFile),
	"addresses": isA(trace.KindAddress), "signals": isA(trace.KindSignal), "io_uring": isA(trace.KindIOUring),
	"uring_files": func(o *trace.Observation) bool { return o.File != nil && o.File.Path == uringFile },
}

func isA(k trace.Kind) func(*trace.Observation) bool {
	return func(o *trace.Observation) bool { return o.Kind == k }
}

// firing tells which sources of a trace saw anything.
func firing(t *trace.Trace) []sourceFinding {
	var list []sourceFinding
	for _, source := range t.Header.Sources {
		shows := sees[source.Name]
		fires := source.Missing == "" && shows != nil &&
			slices.ContainsFunc(t.Observations, func(o trace.Observation) bool { return shows(&o) })
		list = append(list, sourceFinding{source, fires})
	}
	return list
}

func (d *diagnosis) print(out io.Writer) {
	for _, f := range d.Findings {
		mark := "ok"
		if !f.OK {
			mark = "MISSING"
		}
		fmt.Fprintf(out, "%-8s %-13s %s\n", mark, f.Name, systemd.Printable(f.Says))
	}
	for _, s := range d.Sources {
		switch {
		case s.Missing != "":
			fmt.Fprintf(out, "%-8s %-13s %s; it hides %s\n", "MISSING", s.Name, systemd.Printable(s.Missing), s.Hides)
		case s.Fires:
			fmt.Fprintf(out, "%-8s %-13s %s\n", "ok", s.Name, s.Via)
		default:
			fmt.Fprintf(out, "%-8s %-13s %s is attached, and never fires\n", "SILENT", s.Name, s.Via)
		}
	}
	fmt.Fprintln(out, d.conclusion())
}

func (d *diagnosis) conclusion() string {
	if !d.Recordable {
		return "This machine cannot record. Traces of other machines can be used here all the same."
	}
	for _, f := range d.Findings {
		if f.Name == systemdName && !f.OK {
			return "This machine can record commands, but no units."
		}
	}
	return "This machine can record units and commands."
}
