// Package codec is the one place where the SDK turns Go values into JSON and
// back, so that how it is done can change without anybody noticing.
package codec

import (
	"bytes"
	"encoding/json"
)

// Unmarshal decodes data into v, which is a pointer. Fields of data that v
// does not have are ignored: platforms add some every month.
func Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// UnmarshalStrict is Unmarshal for what we wrote ourselves: a field that v does not have is an error.
func UnmarshalStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// Marshal encodes v. The caller owns the result.
func Marshal(v any) ([]byte, error) { return json.Marshal(v) }
