package sdk

import "github.com/musubi-run/musubi/sdk/internal/codec"

// Decode reads JSON into v, a pointer, the way answers of the platform are
// read: names are compared with case, and what v lacks is ignored. Connectors
// use it instead of encoding/json, which is several times slower in the sandbox
// and adds half a megabyte to the plugin.
func Decode(data []byte, v any) error { return codec.Unmarshal(data, v) }

// Encode writes v as JSON, the way bodies of requests are written; see [Decode].
func Encode(v any) ([]byte, error) { return codec.Marshal(v) }

// Member is one member of a JSON object whose value stays text.
type Member = codec.Member

// ObjectReader is a type that keeps an object as the platform wrote it and
// looks at few of its fields. It is read fastest by this method instead of
// UnmarshalJSON: the document is gone over once, and nothing is copied.
type ObjectReader = codec.ObjectReader

// TextWriter is a type whose JSON is at hand. It is written fastest by this
// method instead of MarshalJSON.
type TextWriter = codec.TextWriter

// DecodeInput reads JSON into v, a pointer, the way an action's input is read:
// defaults are filled in, and a field that v does not have is Invalid. It is for
// the fields of a record, which reach [Records] as a map.
func DecodeInput(data []byte, v any) error { return readInput(data, v) }
