// Package value holds the kinds of value that rules know beyond those of CEL:
// maps with a fixed order, calendar dates, exact decimals.
package value

import (
	"cmp"
	"errors"
	"reflect"
	"slices"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// Dict is an immutable map whose keys have an order, so that walking it gives
// the same result every time. CEL's own maps walk in Go's random order.
type Dict struct{ entries []Entry }

// Entry is one key of a Dict with its value.
type Entry struct{ Key, Value ref.Val }

var _ interface {
	traits.Mapper
	traits.Foldable
} = (*Dict)(nil)

// NewDict returns the map of these entries and takes ownership of the slice.
// Of entries with the same key the last one stays.
func NewDict(entries []Entry) *Dict {
	slices.SortStableFunc(entries, func(a, b Entry) int { return compareKeys(a.Key, b.Key) })
	out := entries[:0]
	for _, e := range entries {
		if n := len(out); n > 0 && compareKeys(out[n-1].Key, e.Key) == 0 {
			out[n-1] = e
			continue
		}
		out = append(out, e)
	}
	return &Dict{entries: out}
}

// DictFrom returns any CEL map in order.
func DictFrom(m traits.Mapper) *Dict {
	if d, ok := m.(*Dict); ok {
		return d
	}
	var entries []Entry
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		entries = append(entries, Entry{Key: key, Value: m.Get(key)})
	}
	return NewDict(entries)
}

// Entries returns the entries in order. The caller must not change them.
func (d *Dict) Entries() []Entry { return d.entries }

// Find returns the value of key, if it is there.
func (d *Dict) Find(key ref.Val) (ref.Val, bool) {
	i, found := slices.BinarySearchFunc(d.entries, key, func(e Entry, key ref.Val) int { return compareKeys(e.Key, key) })
	if !found {
		return nil, false
	}
	return d.entries[i].Value, true
}

// Get returns the value of key or CEL's "no such key".
func (d *Dict) Get(key ref.Val) ref.Val {
	if v, found := d.Find(key); found {
		return v
	}
	return types.ValOrErr(key, "no such key: %v", key.Value())
}

// Contains says whether the key is there.
func (d *Dict) Contains(key ref.Val) ref.Val {
	_, found := d.Find(key)
	return types.Bool(found)
}

// Size returns the number of entries.
func (d *Dict) Size() ref.Val { return types.Int(len(d.entries)) }

// Iterator walks the keys in order.
func (d *Dict) Iterator() traits.Iterator {
	keys := make([]ref.Val, len(d.entries))
	for i, e := range d.entries {
		keys[i] = e.Key
	}
	return types.NewRefValList(types.DefaultTypeAdapter, keys).Iterator()
}

// Fold passes the entries to f in order, until it has enough.
func (d *Dict) Fold(f traits.Folder) {
	for _, e := range d.entries {
		if !f.FoldEntry(e.Key, e.Value) {
			return
		}
	}
}

// Equal compares entry by entry with any other CEL map.
func (d *Dict) Equal(other ref.Val) ref.Val {
	m, ok := other.(traits.Mapper)
	if !ok || m.Size() != d.Size() {
		return types.False
	}
	for _, e := range d.entries {
		v, found := m.Find(e.Key)
		if !found || types.Equal(e.Value, v) != types.True {
			return types.False
		}
	}
	return types.True
}

// ConvertToNative refuses: rules write JSON from the value itself.
func (d *Dict) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("a map has no native form")
}

// ConvertToType converts to the map type itself or to its type.
func (d *Dict) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.MapType:
		return d
	case types.TypeType:
		return types.MapType
	}
	return types.NewErr("type conversion error from 'map' to '%s'", t)
}

// Type returns CEL's map type.
func (d *Dict) Type() ref.Type { return types.MapType }

// Value returns the Dict itself.
func (d *Dict) Value() any { return d }

// compareKeys orders keys by type and then by value.
func compareKeys(a, b ref.Val) int {
	if x, ok := a.(types.String); ok {
		if y, ok := b.(types.String); ok {
			return cmp.Compare(x, y)
		}
	}
	if c, ok := a.(traits.Comparer); ok {
		if n, ok := c.Compare(b).(types.Int); ok {
			return int(n)
		}
	}
	return cmp.Compare(a.Type().TypeName(), b.Type().TypeName())
}
