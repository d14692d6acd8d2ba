// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../testdata/trace.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.AssertContent()
	compiled, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// validate returns the error of the first line that is not valid.
func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	for line := range strings.Lines(text) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); err != nil {
			return err
		}
	}
	return nil
}

func TestWrittenTracesAreValid(t *testing.T) {
	other := sample()
	other.Header.Run = "RUN2"
	for name, tr := range map[string]*Trace{"sample": sample(), "zero": {}, "merged": Merge(sample(), other)} {
		if err := validate(t, schema(t), string(encode(t, tr))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSavedTracesAreValid holds for the traces of real services.
func TestSavedTracesAreValid(t *testing.T) {
	files, err := filepath.Glob("../testdata/traces/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tr, err := ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := validate(t, schema(t), string(encode(t, tr))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestSchemaTakesNewFields(t *testing.T) {
	text := strings.ReplaceAll(string(encode(t, sample())), `"kind":"file"`, `"new":[1],"kind":"file"`)
	text += `{"kind":"new","new":{},"actor":{"exe":"/x","uid":0,"gid":0,"phase":"setup"},"outcome":"ok","count":1,"first":"2026-03-01T12:00:00Z","last":"2026-03-01T12:00:00Z"}`
	if err := validate(t, schema(t), text); err != nil {
		t.Error(err)
	}
}

func TestSchemaRefuses(t *testing.T) {
	compiled := schema(t)
	text := string(encode(t, sample()))
	for _, change := range [][2]string{
		{`"format":"sbxprof-trace"`, `"format":"other"`},
		{`"version":1`, `"version":2`},
		{`"starts":1`, `"starts":-1`},
		{`"begin":"2026-03-01T12:00:00.123456789Z"`, `"begin":"yesterday"`},
		{`"sources":[`, `"sources":[7,`},
		{`"losses":[{"reason":"ring_full",`, `"losses":[{`},
		{`"unprivileged_port":80`, `"unprivileged_port":65536`},
		{`"users":{"33"`, `"users":{"root"`},
		{`{"bytes":"`, `{"bytes":"%`},
		{`{"bytes":"`, `{"byte":"`},
		{`"kind":"move"`, `"kind":"file"`},
		{`"kind":"move"`, `"kind":7`},
		{`"signal":{"nr":15`, `"signal":{"nr":"15"`},
		{`"move":{"cgroup":"/user.slice"`, `"move":{"group":"/user.slice"`},
		{`"phase":"service"`, `"phase":"other"`},
		{`"uid":33`, `"uid":4294967296`},
		{`"count":3`, `"count":0`},
		{`"outcome":"ok"`, `"outcome":"fine"`},
		{`"op":"write"`, `"op":"rename"`},
		{`"i":-1`, `"i":-2`},
		{`"v":9223372036854775808`, `"v":18446744073709551616`},
		{`"name":"CAP_NET_BIND_SERVICE"`, `"name":"NET_BIND_SERVICE"`},
		{`"dev":"8:1"`, `"dev":"8"`},
		{`"type":"regular"`, `"type":"file"`},
		{`"stack":["cap_capable"`, `"stack":[1`},
		{`"asked_0":true`, `"asked_0":1`},
		{`"permitted":["CAP_NET_RAW"`, `"permitted":["cap_net_raw"`},
		{`"rootid":1000`, `"rootid":-1`},
	} {
		mutated := strings.Replace(text, change[0], change[1], 1)
		if mutated == text {
			t.Errorf("the sample has no %s", change[0])
		} else if validate(t, compiled, mutated) == nil {
			t.Errorf("%s instead of %s is valid", change[1], change[0])
		}
	}
	for _, line := range []string{`{}`, `[]`, `null`, `7`, `{"kind":"move"}`} {
		if validate(t, compiled, line) == nil {
			t.Errorf("%s is valid", line)
		}
	}
}

// TestSchemaNamesEveryField compares the schema with the types: the same fields,
// and those required that are always written.
func TestSchemaNamesEveryField(t *testing.T) {
	raw, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Defs map[string]object `json:"$defs"`
	}
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&parsed); err != nil {
		t.Fatal(err)
	}
	checked := map[string]bool{}
	parsed.Defs["header"].compare(t, "header", reflect.TypeFor[headerLine](), parsed.Defs, checked)
	parsed.Defs["observation"].compare(t, "observation", reflect.TypeFor[Observation](), parsed.Defs, checked)
	for name := range parsed.Defs {
		if !checked[name] && name != "path" && name != "time" && name != "acl" {
			t.Errorf("no type was compared with %s", name)
		}
	}
}

type object struct {
	Ref        string            `json:"$ref"`
	Items      *object           `json:"items"`
	Required   []string          `json:"required"`
	Properties map[string]object `json:"properties"`
}

func (o object) compare(t *testing.T, name string, typ reflect.Type, defs map[string]object, checked map[string]bool) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		if typ.Kind() == reflect.Slice && o.Items != nil {
			o = *o.Items
		}
		typ = typ.Elem()
	}
	if ref, ok := strings.CutPrefix(o.Ref, "#/$defs/"); ok {
		name, o = ref, defs[ref]
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() || checked[name] {
		return
	}
	checked[name] = true
	var names, required []string
	for _, field := range reflect.VisibleFields(typ) {
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == "" {
			continue
		}
		names = append(names, tag)
		if options == "" {
			required = append(required, tag)
		}
		o.Properties[tag].compare(t, name+"."+tag, field.Type, defs, checked)
	}
	slices.Sort(names)
	slices.Sort(required)
	slices.Sort(o.Required)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(o.Properties))); diff != "" {
		t.Errorf("fields of %s (-type +schema):\n%s", name, diff)
	}
	if diff := cmp.Diff(required, o.Required); diff != "" {
		t.Errorf("required fields of %s (-type +schema):\n%s", name, diff)
	}
}
