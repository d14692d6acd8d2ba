// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Path is a file name. The kernel allows any bytes in it but NUL, so it need not
// be UTF-8. In JSON it is a string when it is valid UTF-8, and otherwise
// {"bytes": BASE64}: every byte sequence survives the round trip.
type Path string

type rawPath struct {
	Bytes []byte `json:"bytes"`
}

// MarshalJSON implements json.Marshaler.
func (p Path) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(p)) {
		return json.Marshal(string(p))
	}
	return json.Marshal(rawPath{[]byte(p)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Path) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*p = Path(s)
		return nil
	}
	var raw rawPath
	if err := json.Unmarshal(b, &raw); err != nil || raw.Bytes == nil {
		return fmt.Errorf("a path must be a string or {\"bytes\": BASE64}, not %.40q", b)
	}
	*p = Path(raw.Bytes)
	return nil
}
