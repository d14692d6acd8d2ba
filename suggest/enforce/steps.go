// SPDX-License-Identifier: Apache-2.0

package enforce

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/systemd"
)

// Steps takes the steps of a profile: edits of files, changes of permissions, and users
// that are to be made.
type Steps struct {
	// Out is where the differences and what was done are said.
	Out io.Writer
	// Ask is asked before each edit and change; false leaves things as they are. After
	// an error nothing is asked or done any more.
	Ask func(question string) (bool, error)
	// Root is put before the names of files; "" for the system's own.
	Root string
}

// unanswered is a question that nobody answers.
type unanswered struct{ error }

func (e unanswered) Unwrap() error { return e.error }

// ErrNotAsRecorded is a line that is not what it was when the trace was recorded.
var ErrNotAsRecorded = errors.New("the line is not what it was when the trace was recorded: record again, or edit it by hand")

// Apply shows each edit as a unified diff and each change as the commands that it is,
// asks, and makes it. A file is replaced as a whole or left as it was, with its mode,
// owner and extended attributes; it has its new owner and mode, or both old ones. What
// is so already is left alone. What cannot be done does not keep other steps from being
// taken: the error names all of them. What only people can do is listed at the end.
func (s *Steps) Apply(steps []suggest.Step) error {
	var wrong []error
	for _, take := range s.order(steps) {
		err := take()
		if err == nil {
			continue
		}
		wrong = append(wrong, err)
		var nobody unanswered
		if errors.As(err, &nobody) {
			return errors.Join(wrong...)
		}
	}
	for _, step := range steps {
		if step.File == "" && step.User == "" && step.Permissions == nil {
			s.say("left to do by hand: %s (otherwise: %s)", step.Text, step.Why)
		}
	}
	return errors.Join(wrong...)
}

// order is how the steps are taken: a user comes before what is given to it, and the
// edits of a file are made together.
func (s *Steps) order(steps []suggest.Step) []func() error {
	var list []func() error
	for _, step := range steps {
		switch {
		case step.User != "":
			list = append(list, func() error { return s.makeUser(step) })
		case step.Permissions != nil:
			list = append(list, func() error { return s.permit(step) })
		}
	}
	for _, file := range files(steps) {
		edits := slices.DeleteFunc(slices.Clone(steps), func(step suggest.Step) bool { return string(step.File) != file })
		list = append(list, func() error { return s.edit(file, edits) })
	}
	return list
}

// ask asks, and leaves a step alone unless the answer is yes.
func (s *Steps) ask(question, left string) (bool, error) {
	agreed, err := s.Ask(question)
	if !agreed || err != nil {
		s.say("left as it is: %s", left)
	}
	if err != nil {
		return false, unanswered{err}
	}
	return agreed, nil
}

// say says something in one line; what it is about may be anything.
func (s *Steps) say(format string, texts ...string) {
	printable := make([]any, len(texts))
	for i, t := range texts {
		printable[i] = systemd.Printable(t)
	}
	fmt.Fprintf(s.Out, format+"\n", printable...)
}

// agree shows the commands of a step and asks.
func (s *Steps) agree(step suggest.Step) (bool, error) {
	for _, c := range step.Commands {
		s.say("+ %s", c)
	}
	return s.ask("Do this?", step.Text)
}

// done says that a step was taken, and what takes it back.
func (s *Steps) done(step suggest.Step) {
	s.say("done; to take it back: %s", strings.Join(step.Undo, " && "))
}

// files are the files that steps edit, each once and in order.
func files(steps []suggest.Step) []string {
	var list []string
	for _, step := range steps {
		if step.File != "" && !slices.Contains(list, string(step.File)) {
			list = append(list, string(step.File))
		}
	}
	return list
}

// edit makes the edits of one file that are agreed to.
func (s *Steps) edit(file string, edits []suggest.Step) error {
	t, err := readTarget(s.Root + file)
	if err != nil {
		return fmt.Errorf("editing %s: %w", file, err)
	}
	lines := strings.SplitAfter(t.text, "\n")
	var back []string
	for _, e := range edits {
		done, err := s.editLine(file, lines, e)
		if err != nil {
			return fmt.Errorf("editing %s:%d: %w", file, e.Line, err)
		}
		if done {
			back = append(back, e.Undo...)
		}
	}
	if strings.Join(lines, "") == t.text {
		return nil
	}
	if err := t.replace(strings.Join(lines, "")); err != nil {
		return fmt.Errorf("editing %s: %w", file, err)
	}
	s.say("edited %s", file)
	for _, command := range back {
		s.say("to take it back: %s", command)
	}
	return nil
}

// editLine changes one line in memory, if it is what it was and somebody agrees.
func (s *Steps) editLine(file string, lines []string, e suggest.Step) (bool, error) {
	if e.Line < 1 || e.Line > len(lines) {
		return false, ErrNotAsRecorded
	}
	line := lines[e.Line-1]
	switch strings.TrimSpace(line) {
	case e.New:
		fmt.Fprintf(s.Out, "already so: %s:%d\n", systemd.Printable(file), e.Line)
		return false, nil
	case e.Old:
	default:
		return false, ErrNotAsRecorded
	}
	if strings.ContainsAny(e.New, "\n\r\x00") {
		return false, errors.New("the new line would be more than one")
	}
	before := strings.Join(lines, "")
	lines[e.Line-1] = strings.Replace(line, e.Old, e.New, 1)
	s.show(diff.Diff(file, []byte(before), file, []byte(strings.Join(lines, ""))))
	agreed, err := s.ask(fmt.Sprintf("Edit %s?", systemd.Printable(file)), fmt.Sprintf("%s:%d", file, e.Line))
	if !agreed || err != nil {
		lines[e.Line-1] = line
	}
	return agreed, err
}

// show prints a diff; what is in a file may be anything.
func (s *Steps) show(d []byte) {
	for line := range strings.Lines(string(d)) {
		if strings.HasPrefix(line, "diff ") { // there is no command diff
			continue
		}
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i := range parts {
			parts[i] = systemd.Printable(parts[i])
		}
		fmt.Fprintln(s.Out, strings.Join(parts, "\t"))
	}
}
