// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// rawEvent is an event as the kernel sends it.
func rawEvent(t *testing.T, head sbxSbxEvent, given, walked string) []byte {
	t.Helper()
	head.Given, head.Walked = uint16(len(given)), uint16(len(walked))
	var b bytes.Buffer
	if err := binary.Write(&b, binary.NativeEndian, head); err != nil {
		t.Fatal(err)
	}
	b.WriteString(given + walked)
	return b.Bytes()
}

func TestDecodeEvent(t *testing.T) {
	head := sbxSbxEvent{Kind: uint8(EventFile), Tgid: 7, RootAt: 5, Rdev: 5<<20 | 3, F_mode: fmodeRead | fmodeCreated}
	head.Key.Op, head.Key.Err, head.Key.How = uint8(OpOpen), 13, uint8(sbxSbxHowSBX_BY_NAME)
	head.Key.Flags = 1<<32 | 0x42
	var e Event
	if err := decodeEvent(rawEvent(t, head, "given\x00", "file\x00dir\x00jail\x00"), &e); err != nil {
		t.Fatal(err)
	}
	if e.Path.Name != "/jail/dir/file" || e.Path.Root != "/jail/dir" || string(e.Given) != "given" {
		t.Errorf("the names are %+v and %q", e.Path, e.Given)
	}
	if e.PID != 7 || e.Op != OpOpen || e.Errno != 13 || e.Flags != 0x42 || !e.ByName || e.File.Major != 5 || e.File.Minor != 3 {
		t.Errorf("the event is %+v", e)
	}
	if !e.Opened.Read || e.Opened.Write || !e.Opened.Created {
		t.Errorf("it was opened as %+v", e.Opened)
	}
}

func TestDecodePath(t *testing.T) {
	for _, tt := range []struct {
		walked string
		rootAt int
		flags  uint8
		want   Path
	}{
		{"", 0, 0, Path{Name: "/", Root: "/"}},
		{"b\x00a\x00", 4, 0, Path{Name: "/a/b", Root: "/"}},
		{"b\x00a\x00", 2, 0, Path{Name: "/a/b", Root: "/a"}},
		{"b\x00a\x00", 0, pathOutside, Path{Name: "/a/b"}},
		{"b\x00", 2, pathPartial | pathUnlinked, Path{Name: "/b", Root: "/", Partial: true, Unlinked: true}},
	} {
		if got := decodePath([]byte(tt.walked), tt.rootAt, tt.flags); got != tt.want {
			t.Errorf("decodePath(%q, %d, %d) = %+v, want %+v", tt.walked, tt.rootAt, tt.flags, got, tt.want)
		}
	}
}

func TestShortEvents(t *testing.T) {
	whole := rawEvent(t, sbxSbxEvent{Kind: uint8(EventFile)}, "given\x00", "file\x00")
	for n := range len(whole) {
		var e Event
		if err := decodeEvent(whole[:n], &e); !errors.Is(err, errShortEvent) {
			t.Fatalf("the first %d of %d bytes: %v, want %v", n, len(whole), err, errShortEvent)
		}
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add(make([]byte, 512))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e Event
		if err := decodeEvent(raw, &e); err == nil && e.Path.Name[0] != '/' {
			t.Errorf("the path is %q", e.Path.Name)
		}
	})
}
