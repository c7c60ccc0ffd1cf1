package codec

import (
	"reflect"
	"time"
	"unsafe"
)

// omission is when a field is left out. The common cases are looked at in
// place, the others have a function.
type omission uint8

const (
	never omission = iota
	whenEmptyText
	whenEmptyList
	whenZeroWord // eight bytes: int64, pointers
	whenFalse
	whenZeroTime
	whenAsked
)

// omitted says whether the field, which lies at the address given, is left out.
func (f *field) omitted(at unsafe.Pointer) bool {
	switch f.omission {
	case never:
		return false
	case whenEmptyText:
		return *(*string)(at) == ""
	case whenEmptyList:
		return (*slice)(at).len == 0
	case whenZeroWord:
		return *(*uint64)(at) == 0
	case whenFalse:
		return !*(*bool)(at)
	case whenZeroTime:
		return (*time.Time)(at).IsZero()
	default:
		return f.absent(reflect.NewAt(f.plan.typ, at).Elem())
	}
}

// omit works out when a field of type t is left out.
func (f *field) omit(t reflect.Type, omitEmpty, omitZero bool) {
	empty := omitEmpty && t.Kind() != reflect.Struct && (t.Kind() != reflect.Array || t.Len() == 0)
	switch {
	case !empty && !omitZero:
		return
	case t == timeType:
		f.omission = whenZeroTime
	case t.Kind() == reflect.String && !hasIsZero(t):
		f.omission = whenEmptyText
	case t.Kind() == reflect.Slice && !omitZero:
		f.omission = whenEmptyList
	case isWord(t) && !hasIsZero(t):
		f.omission = whenZeroWord
	case t.Kind() == reflect.Bool && !hasIsZero(t):
		f.omission = whenFalse
	default:
		f.omission, f.absent = whenAsked, func(v reflect.Value) bool {
			return (empty && isEmpty(v)) || (omitZero && isZero(v))
		}
	}
}

func isWord(t reflect.Type) bool {
	k := t.Kind()
	return t.Size() == 8 && (k == reflect.Pointer || k == reflect.Int || k == reflect.Int64 || k == reflect.Uint64)
}

// isEmpty is the test of omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array, reflect.String:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

// zeroer is a type that knows when it is zero.
type zeroer interface{ IsZero() bool }

func hasIsZero(t reflect.Type) bool {
	zero := reflect.TypeFor[zeroer]()
	return t.Implements(zero) || (t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(zero))
}

// isZero is the test of omitzero: the type's own method decides if there is one.
func isZero(v reflect.Value) bool {
	address := v
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return true
		}
	} else {
		address = v.Addr()
	}
	if z, ok := address.Interface().(zeroer); ok {
		return z.IsZero()
	}
	return v.IsZero()
}
