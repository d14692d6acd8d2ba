// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"encoding/json"
	"reflect"
	"strings"
)

// A newer minor version may add fields. They are kept as they came, at any depth
// of objects within objects (but not within lists), and written again where they
// were.

// newLike returns a pointer to a new value of the type that v points to.
func newLike(v any) any { return reflect.New(reflect.TypeOf(v).Elem()).Interface() }

// unknownFields returns the fields of a JSON object that the struct v points to
// does not have; nil if there is none.
func unknownFields(object []byte, v any) (map[string]json.RawMessage, error) {
	return unknownOf(object, reflect.TypeOf(v).Elem())
}

func unknownOf(object []byte, t reflect.Type) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, err
	}
	known := fieldTypes(t)
	for name, value := range members {
		field, ok := known[strings.ToLower(name)]
		if !ok {
			continue
		}
		delete(members, name)
		if !isObject(field) || string(value) == "null" {
			continue
		}
		nested, err := unknownOf(value, field)
		if err != nil {
			return nil, err
		}
		if nested != nil {
			if members[name], err = json.Marshal(nested); err != nil {
				return nil, err
			}
		}
	}
	if len(members) == 0 {
		return nil, nil
	}
	return members, nil
}

// fieldTypes returns the types of a struct's JSON fields by their names in lower
// case, since encoding/json takes any case; pointers are followed.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		types[strings.ToLower(name)] = field.Type
		if field.Type.Kind() == reflect.Pointer {
			types[strings.ToLower(name)] = field.Type.Elem()
		}
	}
	return types
}

// isObject tells whether t is a JSON object with the fields of a struct.
func isObject(t reflect.Type) bool {
	custom := reflect.TypeFor[json.Unmarshaler]()
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(custom)
}

// withUnknown returns a JSON object with the unknown fields added to it.
func withUnknown(object []byte, unknown map[string]json.RawMessage) ([]byte, error) {
	if len(unknown) == 0 {
		return object, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, err
	}
	for name, value := range unknown {
		known, ok := members[name]
		if !ok {
			members[name] = value
			continue
		}
		var nested map[string]json.RawMessage
		if err := json.Unmarshal(value, &nested); err != nil {
			return nil, err
		}
		merged, err := withUnknown(known, nested)
		if err != nil {
			return nil, err
		}
		members[name] = merged
	}
	return json.Marshal(members)
}
