// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// TestFoldedDeniesNothing: what is suggested for a trace of which names were folded
// denies nothing of the whole trace.
func TestFoldedDeniesNothing(t *testing.T) {
	whole := synthetic(60_000)
	for i := range whole.Observations { // the first are never folded
		whole.Observations[i].File.Path = "/a" + whole.Observations[i].File.Path
	}
	places := []struct {
		dir    string
		op     trace.FileOp
		others trace.FileOp // what is done to files of others there
	}{{"/tmp", trace.OpCreate, trace.OpRead}, {"/var/lib", trace.OpCreate, trace.OpStat}, {"/home/u", trace.OpRead, trace.OpRead},
		{"/var/cache/daemon/a", trace.OpMkdir, trace.OpRmdir}, {"/etc", trace.OpRead, trace.OpWrite}, {"/var/local", trace.OpRmdir, trace.OpList}}
	for i := range 2_400 {
		p := places[i%len(places)]
		for j, op := range []trace.FileOp{p.op, p.others} {
			o := whole.Observations[0]
			o.File = &trace.File{Op: op, Type: trace.TypeRegular, Path: trace.Path(fmt.Sprintf("%s/%d-%d", p.dir, j, i))}
			if op == trace.OpList {
				o.File.Type = trace.TypeDirectory
			}
			whole.Observations = append(whole.Observations, o)
		}
	}
	var text bytes.Buffer
	if err := trace.Write(&text, whole); err != nil {
		t.Fatal(err)
	}
	folded, err := trace.ReadFolded(&text)
	if err != nil {
		t.Fatal(err)
	}
	if len(folded.Observations) >= len(whole.Observations)-1000 {
		t.Fatalf("%d of %d observations are left", len(folded.Observations), len(whole.Observations))
	}
	for _, level := range []directive.Level{directive.Safe, directive.Standard, directive.Strict} {
		p, err := Suggest(folded, Options{Level: level})
		if err != nil {
			t.Fatal(err)
		}
		if v, err := Check(whole, p.Settings(), nil); err != nil || len(v) > 0 {
			t.Errorf("level %d: %v, denied: %+v %+v", level, err, v[0], v[0].Observation.File)
		}
	}
}
