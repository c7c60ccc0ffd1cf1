// Package codec is the one place where the SDK turns Go values into JSON and
// back. It does what encoding/json does with the types that connectors use,
// three times as fast in the sandbox: how a type is read and written is worked
// out once, by reflection, and then followed with direct access to memory.
//
// It differs from encoding/json on purpose:
//   - names are compared with case;
//   - numbers that land in an any are int64 when they are whole (json.Number
//     beyond int64), float64 otherwise, so that ids survive;
//   - the keys of maps are strings, and bytes are base64 text only;
//   - nil slices and maps are written [] and {}, as their schemas promise;
//   - <, > and & are written as they are;
//   - a byte order mark in front is skipped, as some platforms send one;
//   - errors name the path of the field and never a value.
package codec

import (
	"errors"
	"reflect"
	"strings"
	"sync/atomic"
)

// Unmarshal decodes data into v, a pointer. Fields of data that v does not
// have are ignored: platforms add some every month. Strings in v share one
// copy of data.
func Unmarshal(data []byte, v any) error { return decode(data, v, decoder{}) }

// UnmarshalSettings is Unmarshal for what has defaults: a field that data does
// not have gets what its tag "default" says, and is an error if it is required.
func UnmarshalSettings(data []byte, v any) error {
	return decode(data, v, decoder{defaults: true, whole: true})
}

// UnmarshalInput is UnmarshalSettings for what people write by hand: a field
// that v does not have is an error, too.
func UnmarshalInput(data []byte, v any) error {
	return decode(data, v, decoder{defaults: true, whole: true, strict: true})
}

func decode(data []byte, v any, d decoder) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("decoding into something that is no pointer")
	}
	p, err := planOf(target.Type().Elem())
	if err != nil {
		return err
	}
	d.data = strings.TrimPrefix(string(data), "\ufeff")
	if p.decode(&d, p, target.UnsafePointer()) && d.end() {
		return nil
	}
	return d.err
}

// Marshal encodes v. The caller owns the result.
func Marshal(v any) ([]byte, error) {
	if v == nil {
		return []byte("null"), nil
	}
	p, err := planOf(reflect.TypeOf(v))
	if err != nil {
		return nil, err
	}
	e := encoder{buf: make([]byte, 0, atomic.LoadInt32(&p.hint)+32)}
	if err := p.encode(&e, p, addressOf(v)); err != nil {
		return nil, err
	}
	atomic.StoreInt32(&p.hint, int32(min(len(e.buf), 1<<20))) //nolint:gosec // bounded just here
	return e.buf, nil
}
