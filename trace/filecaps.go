// SPDX-License-Identifier: Apache-2.0

package trace

// FileCapabilities are the capabilities that a file carries (capabilities(7)), by name.
type FileCapabilities struct {
	Permitted   []string `json:"permitted,omitempty"`
	Inheritable []string `json:"inheritable,omitempty"`
	// Effective is set when they are in force from the program's first instruction on,
	// and not only once it makes them so.
	Effective bool `json:"effective,omitempty"`
	// RootID is who must be root in a user namespace for them to count there; 0 is
	// everywhere.
	RootID uint32 `json:"rootid,omitempty"`
}

// Required are the capabilities without which the kernel refuses to execute the file,
// whoever does: with them in force at once it must be given all that it carries
// (bprm_caps_from_vfs_caps() in security/commoncap.c). None if that is not known.
func (c *FileCapabilities) Required() []string {
	if c == nil || !c.Effective || c.RootID != 0 {
		return nil
	}
	return c.Permitted
}

func (k *key) fileCapabilities(c *FileCapabilities) {
	k.flag(c != nil)
	if c == nil {
		return
	}
	k.texts(c.Permitted)
	k.texts(c.Inheritable)
	k.flag(c.Effective)
	k.number(uint64(c.RootID))
}

func (k *key) texts(list []string) {
	k.number(uint64(len(list)))
	for _, s := range list {
		k.text(s)
	}
}
