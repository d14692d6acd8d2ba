// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
	"strconv"

	"github.com/sbxprof/sbxprof/trace"
)

func umaskFamily() Family {
	return single(Directive{
		Name: "UMask", Values: []Value{{"0077", Strict}, {"0027", Strict}},
		Denies: "access to new files for others", Read: readUMask,
	})
}

// umaskRule takes permission bits from new files that had them.
type umaskRule struct{ mask uint32 }

func (r *umaskRule) Kind() trace.Kind { return trace.KindFile }

func (r *umaskRule) ops() []trace.FileOp {
	return []trace.FileOp{trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpBind}
}

func (r *umaskRule) Denies(o *trace.Observation) trace.Outcome {
	if !slices.Contains(r.ops(), o.File.Op) {
		return allowed
	}
	if w := o.File.Owner; o.Outcome != trace.OutcomeOK || w != nil && w.Mode&r.mask == 0 {
		return allowed
	}
	if dir := o.File.Parent; dir != nil && dir.DefaultACL != "" && o.File.Op != trace.OpBind {
		return allowed // no mask counts where a directory's list says who may (mode_strip_umask()), but for sockets
	}
	return LessReadable
}

// toleratesIn: whom the mask keeps out of a file, its directory may keep out already, unless
// files are moved from there.
func (r *umaskRule) toleratesIn(s *Scene, o *trace.Observation) string {
	const groupEnters, othersEnter = 0o010, 0o001
	file, dir, from := o.File.Owner, o.File.Parent, path.Dir(string(o.File.Path))
	if file == nil || dir == nil || dir.ACL != "" || o.File.Chroot {
		return ""
	}
	for name, old := range s.from {
		if path.Dir(old) == from && path.Dir(name) != from {
			return ""
		}
	}
	lost := file.Mode & r.mask
	if dir.Mode&(groupEnters|othersEnter) == 0 || lost&0o070 == 0 && dir.Mode&othersEnter == 0 && dir.GID == file.GID {
		return "its directory lets nobody else in"
	}
	return ""
}

func readUMask(values []string, _ *Unit) []Rule {
	mask, err := strconv.ParseUint(last(values), 8, 32)
	if err != nil {
		return nil
	}
	return []Rule{&umaskRule{uint32(mask)}}
}
