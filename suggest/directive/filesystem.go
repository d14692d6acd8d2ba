// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

func fileSystemFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "ProtectHome", Values: []Value{{"yes", Safe}, {"tmpfs", Standard}, {"read-only", Safe}},
			Denies: "the home directories", DeniesBy: map[string]string{"read-only": "writing to the home directories"}, Read: readProtectHome,
		}),
		privateTmpFamily(),
		{
			Name: "file system",
			Directives: []Directive{
				{Name: "ProtectSystem", Denies: "writing to the system's files, but for what is named", Read: readProtectSystem,
					Values: []Value{{"strict", Standard}, {"full", Safe}, {"yes", Safe}}},
				{Name: "ReadWritePaths", Read: readPaths(ReadWrite)},
				{Name: "ReadOnlyPaths", Denies: "writing there", Read: readPaths(ReadOnly)},
				{Name: "InaccessiblePaths", Denies: "everything there", Read: readPaths(Inaccessible)},
				{Name: "NoExecPaths", Denies: "executing what is there", Read: readPaths(NoExec)},
				{Name: "ExecPaths", Read: readPaths(Exec)},
				{Name: "TemporaryFileSystem", Denies: "what was there before", Read: readTemporaryFileSystem},
				{Name: "BindPaths", Read: readBindPaths(false)},
				{Name: "BindReadOnlyPaths", Read: readBindPaths(true)},
				{Name: "StateDirectory", Read: readOwnDirectory("StateDirectory")},
				{Name: "CacheDirectory", Read: readOwnDirectory("CacheDirectory")},
				{Name: "LogsDirectory", Read: readOwnDirectory("LogsDirectory")},
				{Name: "RuntimeDirectory", Read: readOwnDirectory("RuntimeDirectory")},
				{Name: "ConfigurationDirectory", Read: readDirectory("/etc")},
				{Name: "StateDirectoryMode"}, {Name: "CacheDirectoryMode"}, {Name: "LogsDirectoryMode"},
				{Name: "RuntimeDirectoryMode"}, {Name: "ConfigurationDirectoryMode"}, {Name: "RuntimeDirectoryPreserve"},
			},
			Propose: proposeFileSystem,
		},
		fileSystemTypeFamily(),
	}
}

var homes = []string{"/home", "/root", "/run/user"}

// readProtectHome: systemd's protect_home_*_table, the same from v229 to v262. Up to v256
// the options of the temporary file systems were left out (systemd issue 34825): everybody
// may write there, and what is written is gone when the unit stops.
func readProtectHome(values []string, t *Unit) []Rule {
	v := last(values)
	mode, ok := map[string]MountMode{"yes": Inaccessible, "read-only": ReadOnly, "tmpfs": Emptied}[v]
	if !ok || !t.ValueKnown("ProtectHome", v) {
		return nil
	}
	var rules []Rule
	for _, home := range homes {
		empty := mode == Emptied
		newer := t.Systemd.AtLeast(257)
		rules = append(rules, mountRule{Mount{Path: home, Mode: mode, Sealed: empty && newer, Open: empty && !newer, Closed: empty && newer && home == "/root"}})
	}
	return rules
}

// The tables protect_system_*_table of src/core/namespace.c.
var (
	systemYes = []versionedMount{
		{"/usr", ReadOnly, interval{214, 0}},
		{"/boot", ReadOnly, interval{214, 0}},
		{"/efi", ReadOnly, interval{232, 0}},
		{"/bin", ReadOnly, interval{238, 254}},
		{"/lib", ReadOnly, interval{238, 254}},
		{"/lib64", ReadOnly, interval{238, 254}},
		{"/sbin", ReadOnly, interval{238, 254}},
	}
	systemFull   = append([]versionedMount{{"/etc", ReadOnly, interval{214, 0}}}, systemYes...)
	systemStrict = []versionedMount{
		{"/", ReadOnly, interval{232, 0}},
		{"/dev", Implicit, interval{232, 0}},
		{"/home", Implicit, interval{232, 0}},
		{"/proc", Implicit, interval{232, 0}},
		{"/root", Implicit, interval{232, 0}},
		{"/run/user", Implicit, interval{232, 0}},
		{"/sys", Implicit, interval{232, 0}},
	}
)

func readProtectSystem(values []string, t *Unit) []Rule {
	switch last(values) {
	case "yes":
		return mounts(systemYes, t)
	case "full":
		return mounts(systemFull, t)
	case "strict":
		return mounts(systemStrict, t)
	}
	return nil
}

// pathsOf reads a list of paths as the target does; what cannot be read is ignored,
// as systemd does with a warning.
func pathsOf(values []string, class systemd.Class, t *Unit) []systemd.Word {
	var list []systemd.Word
	for _, v := range sinceReset(values) {
		words, err := systemd.Words(v, class, t.Systemd)
		if err != nil {
			continue
		}
		for _, w := range words {
			if !w.Symbolic && strings.HasPrefix(w.Text, "/") && path.Clean(w.Text) == strings.TrimRight(w.Text, "/")+rootSlash(w.Text) {
				w.Text = t.scene.resolve(path.Clean(w.Text))
				list = append(list, w)
			}
		}
	}
	return list
}

func rootSlash(p string) string {
	if strings.Trim(p, "/") == "" {
		return "/"
	}
	return ""
}

func readPaths(mode MountMode) func([]string, *Unit) []Rule {
	return func(values []string, t *Unit) []Rule {
		var rules []Rule
		for _, w := range pathsOf(values, systemd.ClassPathList, t) {
			if t.ownRoot() && !strings.Contains(w.Prefix, "+") {
				continue // a path of the host
			}
			rules = append(rules, mountRule{Mount{Path: w.Text, Mode: mode}})
			if !strings.Contains(w.Prefix, "-") {
				rules = append(rules, required{path: w.Text})
			}
		}
		return rules
	}
}

// required is a path that the unit names without "-": where another setting empties the
// directory that it is in, systemd finds nothing to mount on, and does not start the unit
// (status 226, as seen on 252 and 257).
type required struct {
	unstartable
	path string
}

// seeing implements sighted.
func (r required) seeing(s *Sandbox) Rule {
	if s.view.buries(r.path) {
		r.fails = enoent
	}
	return r
}

func readTemporaryFileSystem(values []string, t *Unit) []Rule {
	var rules []Rule
	for _, w := range pathsOf(values, systemd.ClassTmpfs, t) {
		options := strings.Join(w.Fields, ",")
		rules = append(rules, mountRule{Mount{Path: w.Text, Mode: Emptied, KeepsOwn: true, Apart: true,
			Sealed: hasOption(options, "ro"), Open: hasOption(options, "mode=1777") || hasOption(options, "mode=0777")}})
	}
	return rules
}

func hasOption(options, option string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == option {
			return true
		}
	}
	return false
}

func readBindPaths(readOnly bool) func([]string, *Unit) []Rule {
	return func(values []string, t *Unit) []Rule {
		var rules []Rule
		for _, w := range pathsOf(values, systemd.ClassBind, t) {
			at := w.Text
			if len(w.Fields) > 0 && strings.HasPrefix(w.Fields[0], "/") {
				at = path.Clean(w.Fields[0])
			}
			rules = append(rules, mountRule{Mount{Path: at, Mode: Bound, Sealed: readOnly}})
		}
		return rules
	}
}

// readDirectory: systemd makes the directories, and lets the unit write there. With a
// user that it makes up they are in private, but for the runtime directory.
func readDirectory(base string) func([]string, *Unit) []Rule {
	return func(values []string, t *Unit) []Rule {
		var rules []Rule
		for _, v := range sinceReset(values) {
			words, err := systemd.Words(v, systemd.ClassExecDir, t.Systemd)
			if err != nil {
				continue
			}
			for _, w := range words {
				if w.Symbolic || w.Text == "" {
					continue
				}
				rules = append(rules, mountRule{Mount{Path: path.Join(base, w.Text), Mode: ReadWrite, Made: true}})
				if isTrue(last(t.Values("DynamicUser"))) && strings.HasPrefix(base, "/var/") {
					rules = append(rules, mountRule{Mount{Path: path.Join(base, "private", w.Text), Mode: ReadWrite, Made: true}})
				}
			}
		}
		return rules
	}
}

// readOwnDirectory: systemd also gives the directories to the unit's user.
func readOwnDirectory(directive string) func([]string, *Unit) []Rule {
	return func(values []string, u *Unit) []Rule {
		var rules []Rule
		for _, r := range readDirectory(DirectoryBase(directive))(values, u) {
			rules = append(append(rules, r), u.takeOver(directive, r.(mountRule).Path)...)
		}
		return rules
	}
}

// bases are where systemd makes directories for units and gives them to the unit's user.
// With configuration it does not do that, unless it is missing (Evidence.configuration).
var bases = []struct{ base, directive string }{
	{"/var/lib/", "StateDirectory"}, {"/var/cache/", "CacheDirectory"},
	{"/var/log/", "LogsDirectory"}, {"/run/", "RuntimeDirectory"},
}

// StandardDirectory returns the directive that stands for a directory below one of
// systemd's bases, and the name it has there: /var/lib/x/y is StateDirectory=x.
func StandardDirectory(dir string) (directive, root string) {
	for _, b := range bases {
		if rest, ok := strings.CutPrefix(dir, b.base); ok && rest != "" {
			name, _, _ := strings.Cut(rest, "/")
			return b.directive, b.base + name
		}
	}
	return "", ""
}

// DirectoryBase returns where the directories of StateDirectory=, CacheDirectory=,
// LogsDirectory= or RuntimeDirectory= are; "" for other directives.
func DirectoryBase(directive string) string {
	for _, b := range bases {
		if b.directive == directive {
			return strings.TrimSuffix(b.base, "/")
		}
	}
	return ""
}

func proposeFileSystem(e *Evidence) []Candidate {
	var list []Candidate
	if e.AllowList || e.Level == Strict {
		if c, ok := e.allowList(); ok {
			list = append(list, c)
		}
	}
	for _, v := range []Value{{"strict", Standard}, {"full", Safe}, {"yes", Safe}} {
		if v.From <= e.Level && e.Target.Enforces("ProtectSystem", v.Value) && !e.settled(e.Model.Directive("ProtectSystem"), v.Value) {
			if c, ok := e.writable(trace.Setting{Name: "ProtectSystem", Value: v.Value}); ok {
				list = append(list, c)
			}
		}
	}
	return list
}
