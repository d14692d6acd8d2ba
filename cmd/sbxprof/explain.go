// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/report"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

const explainLong = `Explain prints what in the traces decides a directive: for one value what it would have
denied, and without a value the same for every value that could be suggested, the
strictest first.

  sbxprof explain ProtectSystem
  sbxprof explain ProtectSystem=strict lighttpd.trace`

type explainOptions struct {
	traces   tracesOptions
	systemd  string
	level    string
	explicit bool
	format   string
}

func newExplainCommand(s streams) *cobra.Command {
	o := explainOptions{level: "standard"}
	cmd := &cobra.Command{
		Use:   "explain DIRECTIVE[=VALUE] [TRACE]…",
		Short: "Tell which observations decide a directive",
		Long:  explainLong + exitStatusHelp,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.validate(args[0]); err != nil {
				return err
			}
			return runExplain(cmd.Context(), o, args[0], args[1:], s)
		},
	}
	o.addFlags(cmd.Flags())
	addChoice(cmd, &o.level, "level", "the level whose values are explained", levels()...)
	addChoice(cmd, &o.format, "format", "how to print it", "text", "json")
	return cmd
}

func (o *explainOptions) addFlags(flags *pflag.FlagSet) {
	o.traces.addFlags(flags)
	addSystemdFlag(flags, &o.systemd)
	flags.BoolVar(&o.explicit, "explicit", false, "explain lists of system calls instead of groups")
}

func (o *explainOptions) validate(setting string) error {
	name, _, _ := strings.Cut(setting, "=")
	name = systemd.CurrentName(name)
	known := directive.NewModel().Directive(name) != nil
	switch why := directive.WhyUnjudged(name); {
	case known:
		return checkSystemdFlag(o.systemd)
	case why != "":
		return usagef("a trace does not tell what %s= denies: %s", name, why)
	case systemd.IsKey(name):
		return usagef("%s= takes nothing away from a service that a trace could show", name)
	}
	return usagef("%q is no directive that sbxprof knows: systemd.exec(5) has their spelling", name)
}

func runExplain(ctx context.Context, o explainOptions, setting string, files []string, s streams) error {
	t, err := o.traces.load(files)
	if err != nil {
		return err
	}
	target, err := targetFor(ctx, o.systemd, t.Header.Host)
	if err != nil {
		return err
	}
	list, err := suggest.Explain(t, setting, suggest.Options{
		Target: target, Level: levelOf(o.level), Explicit: o.explicit,
	})
	if err != nil {
		return err
	}
	if err := o.print(s.out, list); err != nil {
		return err
	}
	return warnIncomplete(s.err, t.Incomplete())
}

func (o *explainOptions) print(out io.Writer, list []suggest.Explanation) error {
	if o.format == "json" {
		return printJSON(out, explanationsJSON(list))
	}
	for _, e := range list {
		printExplanation(out, e)
	}
	if len(list) == 0 {
		fmt.Fprintf(out, "no value of it would be suggested for these traces at the level %s: name one to see what it would deny\n", o.level)
	}
	return nil
}

// seenAt says when an observation was made.
func seenAt(o *trace.Observation) string {
	first, last := o.First.UTC().Format(time.DateTime), o.Last.UTC().Format(time.DateTime)
	switch {
	case o.First.IsZero():
		return ""
	case first == last:
		return ", at " + first
	}
	return ", from " + first + " to " + last
}

// besideShown is how many of the lines beside a value are shown.
const besideShown = 3

func beside(lines []trace.Setting) string {
	shown := lines[:min(len(lines), besideShown)]
	text := make([]string, len(shown))
	for i, s := range shown {
		text[i] = s.Name + "=" + systemd.Printable(s.Value)
	}
	if more := len(lines) - len(shown); more > 0 {
		text = append(text, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(text, ", ")
}

func printExplanation(out io.Writer, e suggest.Explanation) {
	fmt.Fprintf(out, "%s=%s\n", e.Name, systemd.Printable(e.Value))
	if e.Denies != "" {
		fmt.Fprintf(out, "  takes away %s\n", e.Denies)
	}
	said := map[string]bool{} // the same by another user reads the same
	say := func(text string) {
		if !said[text] {
			fmt.Fprint(out, text)
		}
		said[text] = true
	}
	for _, o := range e.Evidence {
		say(fmt.Sprintf("  because %s%s\n", report.Words(o), seenAt(o)))
	}
	if e.Ignored != "" {
		fmt.Fprintf(out, "  systemd ignores this: %s\n", systemd.Printable(e.Ignored))
	}
	if len(e.With) > 0 {
		fmt.Fprintf(out, "  together with %s\n", beside(e.With))
	}
	for _, v := range e.Violations {
		say(fmt.Sprintf("  would deny: %s (%s)%s\n", report.Words(v.Observation), report.WouldBe(v), seenAt(v.Observation)))
	}
	if e.Use != nil {
		fmt.Fprintf(out, "  because there were %s at most\n", e.Use)
	}
	switch {
	case e.Exceeded != nil:
		fmt.Fprintf(out, "  would deny more than that: the outcome would be %s\n", e.Exceeded.Outcome)
	case e.Unjudged != "":
		fmt.Fprintf(out, "  not judged: %s\n", e.Unjudged)
	case len(e.Violations) == 0:
		fmt.Fprintln(out, "  would have denied nothing of what was recorded")
	}
}

type explanationJSON struct {
	Name       string                `json:"name"`
	Value      string                `json:"value"`
	With       []trace.Setting       `json:"with,omitempty"`
	Denies     string                `json:"denies"`
	Ignored    string                `json:"ignored,omitempty"`
	Evidence   []*trace.Observation  `json:"evidence"`
	Violations []directive.Violation `json:"violations"`
	Use        *directive.Use        `json:"use,omitempty"`
	Exceeded   *directive.Exceeded   `json:"exceeded,omitempty"`
	Unjudged   string                `json:"unjudged,omitempty"`
}

func explanationsJSON(list []suggest.Explanation) []explanationJSON {
	all := make([]explanationJSON, len(list))
	for i, e := range list {
		all[i] = explanationJSON{e.Name, e.Value, e.With, e.Denies, e.Ignored,
			append([]*trace.Observation{}, e.Evidence...), append([]directive.Violation{}, e.Violations...), e.Use, e.Exceeded, e.Unjudged}
	}
	return all
}
