// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"
)

// Most lines of a trace differ from others in a path, a count and times alone.
// What they have in common is decoded once and kept as a template, by its text.
// Only lines just as Write writes them are read this way, so that what comes out
// is what decoding them in full gives, at a tenth of the time.

const (
	// maxTemplates bounds the memory that a file of ever different lines takes.
	maxTemplates = 1 << 14
	// maxTail is more than the length of a line from its count on.
	maxTail = 192
)

var (
	beforePath  = []byte(`,"file":{"path":"`)
	beforeCount = []byte(`,"count":`)
	// anyTail makes a line of what comes before the count.
	anyTail = []byte(`,"count":1,"first":"0001-01-01T00:00:00Z","last":"0001-01-01T00:00:00Z"}`)
)

// decoder decodes observations. The zero value is ready to use.
type decoder struct {
	// templates are nil where a text is not as Write writes it.
	templates map[string]*Observation
	text      []byte
	// used is the template of the last observation; nil for one that was decoded in
	// full.
	used *Observation
}

// observation decodes a line.
func (d *decoder) observation(line []byte, o *Observation) error {
	if d.fromTemplate(line, o) {
		return nil
	}
	d.used = nil
	return decodeObservation(line, o)
}

// fromTemplate decodes a line by its template, and tells whether it could.
func (d *decoder) fromTemplate(line []byte, o *Observation) bool {
	tail := max(0, len(line)-maxTail)
	count := bytes.Index(line[tail:], beforeCount)
	if count < 0 {
		return false
	}
	common := line[:tail+count]
	path, found := pathIn(common)
	d.text = append(append(d.text[:0], common[:path.start]...), common[path.end:]...)
	template := d.template()
	if template == nil || found != (template.File != nil) {
		return false
	}
	d.used = template
	*o = *template
	o.copyFact()
	if found {
		o.File.Path = Path(common[path.start:path.end])
	}
	return o.decodeTail(line[len(common):])
}

type span struct{ start, end int }

// pathIn finds the path of a file in a line, if it is one that needs no decoding.
func pathIn(line []byte) (span, bool) {
	i := bytes.Index(line, beforePath)
	if i < 0 {
		return span{}, false
	}
	start := i + len(beforePath)
	length := bytes.IndexByte(line[start:], '"')
	if length < 0 || !isPlain(line[start:start+length]) {
		return span{}, false
	}
	return span{start, start + length}, true
}

// isPlain tells whether a JSON string stands for its own bytes.
func isPlain(s []byte) bool {
	ascii := true
	for _, c := range s {
		if c < ' ' || c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(s)
}

// template returns the template of d.text, nil if there can be none.
func (d *decoder) template() *Observation {
	template, known := d.templates[string(d.text)]
	if known || len(d.templates) >= maxTemplates {
		return template
	}
	if d.templates == nil {
		d.templates = map[string]*Observation{}
	}
	line := append(bytes.Clone(d.text), anyTail...)
	var o Observation
	if decodeObservation(line, &o) == nil {
		if written, err := encodeObservation(&o); err == nil && bytes.Equal(written, line) {
			template = &o
		}
	}
	d.templates[string(d.text)] = template
	return template
}

// copyFact gives o a fact of its own. What a fact points to in turn stays shared.
func (o *Observation) copyFact() {
	o.Syscall = copied(o.Syscall)
	o.Capability = copied(o.Capability)
	o.File = copied(o.File)
	o.Address = copied(o.Address)
	o.Signal = copied(o.Signal)
	o.IOUring = copied(o.IOUring)
	o.Move = copied(o.Move)
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// decodeTail decodes the rest of a line from its count on, if it is as Write
// writes it.
func (o *Observation) decodeTail(tail []byte) bool {
	rest := scanner{tail, true}
	rest.literal(string(beforeCount))
	o.Count = rest.number(64)
	rest.literal(`,"first":"`)
	o.First = rest.time()
	rest.literal(`,"last":"`)
	o.Last = rest.time()
	if bytes.HasPrefix(rest.text, []byte(`,"example":{"pid":`)) {
		rest.literal(`,"example":{"pid":`)
		o.Example = &Example{PID: uint32(rest.number(32))}
		rest.literal("}")
	}
	rest.literal("}")
	return rest.ok && len(rest.text) == 0 && o.Count > 0
}

// scanner takes one part after the other from the front of a text; ok is unset
// once something was not as expected.
type scanner struct {
	text []byte
	ok   bool
}

func (s *scanner) literal(want string) {
	if !s.ok || len(s.text) < len(want) || string(s.text[:len(want)]) != want {
		s.ok = false
		return
	}
	s.text = s.text[len(want):]
}

// number takes a decimal number as JSON writes it.
func (s *scanner) number(bits int) uint64 {
	length := 0
	for length < len(s.text) && s.text[length] >= '0' && s.text[length] <= '9' {
		length++
	}
	n, err := strconv.ParseUint(string(s.text[:length]), 10, bits)
	s.ok = s.ok && err == nil && (s.text[0] != '0' || length == 1)
	s.text = s.text[length:]
	return n
}

// time takes a time and the quote after it.
func (s *scanner) time() time.Time {
	length := bytes.IndexByte(s.text, '"')
	if length < 0 {
		s.ok = false
		return time.Time{}
	}
	var t time.Time
	s.ok = s.ok && t.UnmarshalText(s.text[:length]) == nil
	s.text = s.text[length+1:]
	return t
}
