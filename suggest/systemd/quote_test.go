// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestQuote(t *testing.T) {
	for _, tt := range []struct {
		version string
		class   Class
		text    string
		want    string
	}{
		{"252", ClassPathList, "/var/log/lighttpd", "/var/log/lighttpd"},
		{"252", ClassPathList, "/a b", `"/a b"`},
		{"252", ClassPathList, `/a"b\c'd`, `"/a\"b\\c'd"`},
		{"252", ClassPathList, "/50%", "/50%%"},
		{"232", ClassPathList, "/50%", "/50%"},
		{"252", ClassPathList, "/ü:x", "/ü:x"},
		{"252", ClassBind, "/a b", `"/a b"`},
		{"252", ClassBind, "/a:b", `/a\:b`},
		{"262", ClassBind, `/a"b 'c`, `/a'"'b" '"c`},
		{"252", ClassTmpfs, "/a:b c", `"/a\\:b c"`},
		{"252", ClassTmpfs, `/a\b`, `"/a\\\\b"`},
		{"252", ClassExecDir, "my app/x", `"my app/x"`},
		{"252", ClassWhole, `/a "b" \c%`, `/a "b" \c%%`},
		{"252", ClassDevice, "/dev/a b", `"/dev/a b"`},
		{"238", ClassDevice, `/dev/a"b%`, `/dev/a"b%%`},
		{"229", ClassDevice, "/dev/a%", "/dev/a%"},
		{"252", ClassWordsRaw, "@system-service", "@system-service"},
		{"252", ClassExec, "a b", `"a b"`},
		{"252", ClassExec, ";", `";"`},
		{"252", ClassExec, "", `""`},
		{"252", ClassExec, "$HOME\n50%", `"$$HOME\u000a50%%"`},
		{"252", ClassEnvironment, `A="$b"`, `"A=\"$b\""`},
	} {
		got, err := Quote(tt.class, forVersion(t, tt.version).Systemd, tt.text)
		if err != nil || got != tt.want {
			t.Errorf("v%s, %s: Quote(%q) = %s, %v; want %s", tt.version, classNames[tt.class], tt.text, got, err, tt.want)
		}
	}
}

func TestQuoteRefuses(t *testing.T) {
	for _, tt := range []struct {
		version string
		class   Class
		text    string
		reason  string
	}{
		{"252", ClassPathList, "/var/x\nExecStartPre=/bin/evil", "line break"},
		{"252", ClassPathList, "/var/x\rExecStartPre=/bin/evil", "line break"},
		{"252", ClassPathList, "/a\x00b", "NUL"},
		{"252", ClassPathList, "/a\xff", "not UTF-8"},
		{"252", ClassPathList, "/a\x1b[2J", "control character"},
		{"252", ClassPathList, "/a\u009b2J", "control character"},
		{"252", ClassPathList, "/a/../b", `".."`},
		{"252", ClassPathList, "/a/./b", `".."`},
		{"252", ClassPathList, "a", "not absolute"},
		{"252", ClassPathList, "", "empty"},
		{"252", ClassPathList, "/" + strings.Repeat("a", 4095), "too long"},
		{"252", ClassBind, "-/a", "not absolute"},
		{"252", ClassTmpfs, "a:b", "not absolute"},
		{"252", ClassExecDir, "/a", "absolute"},
		{"252", ClassExecDir, "private/a", "private"},
		{"234", ClassExecDir, "a/b", "nested"},
		{"252", ClassExecDir, "../a", `".."`},
		{"252", ClassWhole, `/a\`, "backslash"},
		{"252", ClassWhole, "/a ", "white space"},
		{"252", ClassWhole, "-a", "prefix"},
		{"252", ClassWhole, "/a/..", `".."`},
		{"238", ClassDevice, "/dev/a b", "quotes"},
		{"238", ClassDevice, `/dev/a\`, "backslash"},
		{"252", ClassWordsRaw, "a b", "white space"},
		{"252", ClassWordsQuoted, `"a"`, "quotes"},
		{"252", ClassWordsRaw, "~a", "inverts"},
		{"252", ClassExec, "\xff", "not UTF-8"},
		{"252", ClassEnvironment, "A=\x00", "NUL"},
	} {
		got, err := Quote(tt.class, forVersion(t, tt.version).Systemd, tt.text)
		var unwritable *UnwritableError
		if !errors.As(err, &unwritable) || !strings.Contains(unwritable.Reason, tt.reason) {
			t.Errorf("v%s, %s: Quote(%q) = %s, %v; want a reason with %q", tt.version, classNames[tt.class], tt.text, got, err, tt.reason)
		}
	}
}

// hostileNames are names that a service may give its files.
var hostileNames = []string{
	"/var/x\nExecStartPre=/bin/evil", "/%n", `/a\x20b`, `/a"b`, `/a'b`, "/a\x1b[31m", `/a\`, `/a\\`, "/a b ",
	"/ü", "/a:b", `/a\:b`, "/a\xffb", "/a\tb", "/a#b", "/;", "/a=b", "/$HOME", "/a%%", "/%", "/a/..", `/"`, `/' "`,
	"/\u202e", "/[Service]", `/a\\"\'`, "/a\r\nb", "/a\x00b",
}

var allClasses = []Class{
	ClassPlain, ClassPathList, ClassBind, ClassTmpfs, ClassExecDir, ClassWhole, ClassDevice, ClassWordsQuoted,
	ClassWordsRaw, ClassExec, ClassEnvironment,
}

// checkRoundTrip holds that what Quote writes comes back from a unit file, in the
// middle of others and with what may surround it.
func checkRoundTrip(t interface {
	Helper()
	Errorf(string, ...any)
}, class Class, v Version, text string) {
	t.Helper()
	quoted, err := Quote(class, v, text)
	if err != nil {
		if !errors.As(err, new(*UnwritableError)) {
			t.Errorf("Quote(%q) failed otherwise: %v", text, err)
		}
		return
	}
	file, err := Parse(strings.NewReader("[Service]\nX="+quoted+"\nY=after\n"), v)
	if v.AtLeast(235) || len(quoted) < 2000 { // older ones cut the line, see Write
		if err != nil || len(file.Settings) != 2 || file.Settings[0].Value != quoted {
			t.Errorf("v%s, %s: %q became %+v, %v", v, class, text, file, err)
		}
	}
	words, err := Words(quoted, class, v)
	if err != nil || len(words) != 1 || words[0].Text != text || words[0].Symbolic || len(words[0].Fields) > 0 {
		t.Errorf("v%s, %s: %q was written as %s and read as %+v, %v", v, class, text, quoted, words, err)
	}
	if class == ClassPathList || class == ClassBind {
		words, err = Words("/first -"+quoted+" /last", class, v)
		if err != nil || len(words) != 3 || words[1].Text != text || words[1].Prefix != "-" {
			t.Errorf("v%s, %s: -%s between others was read as %+v, %v", v, class, quoted, words, err)
		}
	}
	if class == ClassBind || class == ClassTmpfs {
		words, err = Words(quoted+":ro", class, v)
		if err != nil || len(words) != 1 || words[0].Text != text || len(words[0].Fields) != 1 || words[0].Fields[0] != "ro" {
			t.Errorf("v%s, %s: %s:ro was read as %+v, %v", v, class, quoted, words, err)
		}
	}
}

func TestQuotedNamesComeBack(t *testing.T) {
	for v := Oldest; v <= Newest; v++ {
		for _, class := range allClasses {
			for _, name := range hostileNames {
				checkRoundTrip(t, class, Version{Major: v}, name)
				checkRoundTrip(t, class, Version{Major: v}, name[1:])
			}
		}
	}
}

func TestQuotedTextsComeBack(t *testing.T) {
	characters := rapid.SampledFrom([]rune("aZ09/.:;-+~%$ \t\"'\\#=@ünxs{}\u009b\n\x1b"))
	rapid.Check(t, func(t *rapid.T) {
		v := Version{Major: rapid.IntRange(Oldest, Newest).Draw(t, "version")}
		class := rapid.SampledFrom(allClasses).Draw(t, "class")
		text := rapid.SampledFrom([]string{"", "/"}).Draw(t, "root") + rapid.StringOf(characters).Draw(t, "text")
		checkRoundTrip(t, class, v, text)
	})
}

func FuzzQuote(f *testing.F) {
	for i, name := range hostileNames {
		f.Add(uint8(i%len(allClasses)), uint8(i), name)
		f.Add(uint8(ClassPathList), uint8(23), name)
	}
	f.Fuzz(func(t *testing.T, class, version uint8, text string) {
		v := Version{Major: Oldest + int(version)%(Newest-Oldest+1)}
		checkRoundTrip(t, allClasses[int(class)%len(allClasses)], v, text)
	})
}

func FuzzWords(f *testing.F) {
	for i, name := range hostileNames {
		f.Add(uint8(i%len(allClasses)), uint8(i), name+" "+name)
	}
	f.Fuzz(func(t *testing.T, class, version uint8, value string) {
		v := Version{Major: Oldest + int(version)%(Newest-Oldest+1)}
		words, _ := Words(value, allClasses[int(class)%len(allClasses)], v)
		for _, w := range words {
			if len(w.Text) > 3*len(value) {
				t.Errorf("%q grew to %q", value, w.Text)
			}
		}
	})
}
