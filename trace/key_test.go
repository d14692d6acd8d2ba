// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// exempt are the fields that are no part of an observation's identity.
var exempt = []string{"Count", "First", "Last", "Example", "PID", "Stack"}

// description are the fields of a file that are part of the identity of an execution
// only.
var description = []string{"Type", "FS", "Dev", "Owner", "Parent", "FileCaps", "Carries", "Interpreter", "InterpreterGiven"}

// TestKeyHoldsEveryField changes every field of every fact, one at a time, and
// looks whether the key changes. A field that is added to a fact and forgotten in
// the key fails here.
func TestKeyHoldsEveryField(t *testing.T) {
	for i := range sampleObservations() {
		paths := leaves(reflect.ValueOf(sampleObservations()[i]), nil)
		if len(paths) < 10 {
			t.Fatalf("%d fields only", len(paths))
		}
		for _, path := range paths {
			o := sampleObservations()[i]
			before := o.Key()
			change(field(reflect.ValueOf(&o).Elem(), path))
			exempted := slices.ContainsFunc(path, func(name string) bool { return slices.Contains(exempt, name) }) ||
				path[0] == "File" && slices.Contains(description, path[1])
			if same := o.Key() == before; same != exempted {
				t.Errorf("%s, %v changed: the same key: %v", o.Kind, path, same)
			}
		}
	}
}

// What the recorder looks up after the operation is no part of the fact.
func TestKeyOfNamedFile(t *testing.T) {
	key := func(op FileOp, mode uint32) string {
		o := Observation{Kind: KindFile, File: &File{Path: "/a", Op: op, Owner: &Owner{Mode: mode}}}
		return o.Key()
	}
	for _, op := range []FileOp{OpRenameTo, OpChmod, OpStat, OpRead} {
		if key(op, 0o600) != key(op, 0o644) {
			t.Errorf("%s is two facts because of the file's mode", op)
		}
	}
	if key(OpExecute, 0o755) == key(OpExecute, 0o4755) {
		t.Error("executing a program with the set-user-ID bit is the same fact as without")
	}
}

// leaves returns the paths to all exported fields that are no structs.
func leaves(v reflect.Value, path []string) [][]string {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if _, isTime := v.Interface().(time.Time); v.Kind() != reflect.Struct || isTime {
		return [][]string{path}
	}
	var all [][]string
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && !(field.Type.Kind() == reflect.Pointer && v.Field(i).IsNil()) {
			all = append(all, leaves(v.Field(i), append(slices.Clone(path), field.Name))...)
		}
	}
	return all
}

func field(v reflect.Value, path []string) reflect.Value {
	for _, name := range path {
		v = reflect.Indirect(v).FieldByName(name)
	}
	return reflect.Indirect(v)
}

func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		v.Set(v.Slice(0, v.Len()-1))
	case reflect.Struct:
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
	default:
		v.SetUint(v.Uint() + 1)
	}
}

func TestKeysOfTextsSortAsTheTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Map(rapid.SliceOf(rapid.SampledFrom([]byte{0, 1, 2, 'a', 'b', 255})), func(b []byte) string { return string(b) })
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		c, d := text.Draw(t, "c"), text.Draw(t, "d")
		first, second := pair(a, c), pair(b, d)
		if (first < second) != (a < b || a == b && c < d) || (first == second) != (a == b && c == d) {
			t.Errorf("(%q, %q) and (%q, %q) give %q and %q", a, c, b, d, first, second)
		}
	})
}

func pair(a, b string) string {
	var k key
	k.text(a)
	k.text(b)
	return string(k)
}

func TestKeysSortByKind(t *testing.T) {
	all := sampleObservations()
	if !slices.IsSortedFunc(all, func(a, b Observation) int { return slices.Compare([]byte(a.Key()), []byte(b.Key())) }) {
		t.Error("the keys of the kinds are not in the order of Kinds")
	}
}
