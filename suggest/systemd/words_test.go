// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func text(words ...string) []Word {
	var all []Word
	for _, w := range words {
		all = append(all, Word{Text: w})
	}
	return all
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		name, version string
		class         Class
		value         string
		want          []Word
	}{
		// Seen on 252.39 and 257.13.
		{"quotes", "252", ClassPathList, `"/out/a b" '/out/e"f' "/out/g'h"`, text("/out/a b", `/out/e"f`, `/out/g'h`)},
		{"a backslash makes a space literal", "257", ClassPathList, `/out/a2\ b`, text("/out/a2 b")},
		{"no C escapes", "257", ClassPathList, `/out/a\x20b`, text("/out/ax20b")},
		{"a literal backslash", "252", ClassPathList, `/out/bs\\z`, text(`/out/bs\z`)},
		{"space at the end", "252", ClassPathList, `"/out/tr "`, text("/out/tr ")},
		{"a colon", "252", ClassPathList, `/out/x:y`, text("/out/x:y")},
		{"bind, quoted", "252", ClassBind, `"/out/b1 z"`, text("/out/b1 z")},
		{"bind, a colon", "257", ClassBind, `/out/x\:y`, text("/out/x:y")},
		{"bind, no C escapes", "252", ClassBind, `/out/b1\x20z`, text("/out/b1x20z")},

		{"percent", "233", ClassPathList, `/c%%d`, text("/c%d")},
		{"percent before specifiers", "232", ClassPathList, `/c%%d`, text("/c%%d")},
		{"a lone percent", "252", ClassPathList, `/c% /d%-`, text("/c%", "/d%-")},
		{"a specifier", "252", ClassPathList, `%t/a%%b`, []Word{{Text: "%t/a%%b", Symbolic: true}}},
		{"prefixes", "252", ClassPathList, `-/a "-/b c" -"/d e" -+/f +/g`, []Word{
			{Prefix: "-", Text: "/a"}, {Prefix: "-", Text: "/b c"}, {Prefix: "-", Text: "/d e"},
			{Prefix: "-+", Text: "/f"}, {Prefix: "+", Text: "/g"}}},
		{"a plus before v233", "232", ClassPathList, `+/g`, text("+/g")},

		{"bind", "252", ClassBind, `/a -/b:/c /d:/e:norbind /f`, []Word{
			{Text: "/a"}, {Prefix: "-", Text: "/b", Fields: []string{"/c"}},
			{Text: "/d", Fields: []string{"/e", "norbind"}}, {Text: "/f"}}},
		{"bind in two passes", "262", ClassBind, `/a\x20b:/c "/d\:e:/f"`, []Word{
			{Text: "/a b", Fields: []string{"/c"}}, {Text: "/d:e", Fields: []string{"/f"}}}},
		{"bind, a bad escape drops the entry", "262", ClassBind, `/a\q /b`, text("/b")},
		{"bind, two spaces", "252", ClassBind, `/a  /b`, text("/a", "/b")},
		{"tmpfs", "252", ClassTmpfs, `/a:ro,mode=0700 "/b c" /d\\:e:ro`, []Word{
			{Text: "/a", Fields: []string{"ro,mode=0700"}}, {Text: "/b c"}, {Text: "/d:e", Fields: []string{"ro"}}}},
		{"tmpfs, a backslash takes four", "252", ClassTmpfs, `/a\\\\b`, text(`/a\b`)},

		{"directories", "249", ClassExecDir, `a b:c d\x20e`, text("a", "b:c", "dx20e")},
		{"directories with links", "250", ClassExecDir, `a b:c d\x20e f\:g`, []Word{
			{Text: "a"}, {Text: "b", Fields: []string{"c"}}, {Text: "d e"}, {Text: "f:g"}}},
		{"directories read-only", "257", ClassExecDir, `a::ro`, []Word{{Text: "a", Fields: []string{"", "ro"}}}},

		{"whole", "252", ClassWhole, `/a "b" c\d %%`, text(`/a "b" c\d %`)},
		{"whole with a prefix", "252", ClassWhole, `-/a`, []Word{{Prefix: "-", Text: "/a"}}},
		{"device", "252", ClassDevice, `"/dev/a b" rw`, []Word{{Text: "/dev/a b", Fields: []string{"rw"}}}},
		{"device without quotes", "238", ClassDevice, `"/dev/a b" rw`, []Word{{Text: `"/dev/a`, Fields: []string{`b" rw`}}}},
		{"device without access", "252", ClassDevice, `char-rtc`, text("char-rtc")},

		{"quoted words", "252", ClassWordsQuoted, `"CAP_KILL" CAP_CHOWN`, text("CAP_KILL", "CAP_CHOWN")},
		{"inverted words", "252", ClassWordsQuoted, `~CAP_KILL CAP_CHOWN`, []Word{{Prefix: "~", Text: "CAP_KILL"}, {Prefix: "~", Text: "CAP_CHOWN"}}},
		{"raw words", "252", ClassWordsRaw, `"a" b\  %t`, text(`"a"`, `b\`, "%t")},
		{"inverted raw words", "252", ClassWordsRaw, `~@mount`, []Word{{Prefix: "~", Text: "@mount"}}},
		{"command", "252", ClassExec, `a\x20b "" 'c d' $$e ${F}`, []Word{
			{Text: "a b"}, {Text: ""}, {Text: "c d"}, {Text: "$e"}, {Text: "${F}", Symbolic: true}}},
		{"environment", "252", ClassEnvironment, `"A=b c" D=\"e\" F=$g%%h`, text("A=b c", `D="e"`, "F=$g%h")},
		{"plain", "252", ClassPlain, `yes`, text("yes")},
		{"empty", "252", ClassPathList, ``, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Words(tt.value, tt.class, forVersion(t, tt.version).Systemd)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("Words(%s): %v (-want +got):\n%s", tt.value, err, diff)
			}
		})
	}
}

func TestWordsGivesUpWhereSystemdDoes(t *testing.T) {
	for _, tt := range []struct {
		class Class
		value string
		want  []Word
	}{
		{ClassPathList, `/a "/b /c`, text("/a")},
		{ClassPathList, `/a /b\`, text("/a")},
		{ClassEnvironment, `A=b C=\q D=e`, text("A=b")},
		{ClassWordsQuoted, `CAP_KILL 'CAP_CHOWN`, text("CAP_KILL")},
	} {
		got, err := Words(tt.value, tt.class, Version{})
		if diff := cmp.Diff(tt.want, got); diff != "" || err == nil {
			t.Errorf("Words(%s): %v (-want +got):\n%s", tt.value, err, diff)
		}
	}
}

func TestDecodeEscape(t *testing.T) {
	for in, want := range map[string]string{
		"n": "\n", "s": " ", "\\": "\\", "x41b": "A", "101": "A", "u00e4": "ä", "U0001f600": "😀", "xff": "\xff",
	} {
		if got, n, ok := decodeEscape(in); got != want || !ok || n > len(in) {
			t.Errorf(`\%s is %q, %d, %t; want %q`, in, got, n, ok, want)
		}
	}
	for _, in := range []string{"q", "x", "x4", "x00", "000", "400", "08", "u123", "u0000", "ud800", "U00110000", "x+1"} {
		if got, _, ok := decodeEscape(in); ok {
			t.Errorf(`\%s is %q; want none`, in, got)
		}
	}
}
