package shape

import (
	"errors"
	"reflect"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/musubi-run/musubi/rules/value"
)

// Object is a value with the fields of its type.
type Object struct {
	typ *Type
	// slots holds the declared fields in the type's order, nil where there is none.
	slots []ref.Val
	// extra holds the fields that are not declared; may be nil.
	extra *value.Dict
}

var (
	_ traits.Indexer     = (*Object)(nil)
	_ traits.FieldTester = (*Object)(nil)
)

// broken stands in a slot whose JSON does not fit. It is a fault only when
// somebody uses the field, so that a field which no rule reads stops nobody.
type broken struct {
	types.Null
	fault *value.Error
}

// access tells CEL how to read a field.
func (t *Type) access(f Field) *types.FieldType {
	i, declared := t.index[f.Name]
	if !declared {
		key := types.String(f.Name)
		return &types.FieldType{
			Type:    f.Type.cel,
			IsSet:   func(target any) bool { return objectOf(target).findExtra(key) != nil },
			GetFrom: func(target any) (any, error) { return present(objectOf(target).findExtra(key), f.Name) },
		}
	}
	return &types.FieldType{
		Type:    f.Type.cel,
		IsSet:   func(target any) bool { return objectOf(target).slot(i) != nil },
		GetFrom: func(target any) (any, error) { return present(objectOf(target).slot(i), f.Name) },
	}
}

// objectOf returns the object that CEL hands over, nil for anything else.
func objectOf(target any) *Object {
	o, ok := target.(*Object)
	if !ok {
		return nil
	}
	return o
}

func (o *Object) slot(i int) ref.Val {
	if o == nil || i >= len(o.slots) {
		return nil
	}
	return o.slots[i]
}

func (o *Object) findExtra(key types.String) ref.Val {
	if o == nil || o.extra == nil {
		return nil
	}
	v, _ := o.extra.Find(key)
	return v
}

// present returns a slot's value, or why there is none.
func present(v ref.Val, name string) (ref.Val, error) {
	switch v := v.(type) {
	case nil:
		return nil, value.NewFault(absent, name)
	case *broken:
		return nil, v.fault
	default:
		return v, nil
	}
}

func (o *Object) find(name string) ref.Val {
	if i, ok := o.typ.index[name]; ok {
		return o.slots[i]
	}
	return o.findExtra(types.String(name))
}

// Get returns the field of that name; it serves expressions that do not know the type.
func (o *Object) Get(index ref.Val) ref.Val {
	name, ok := index.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(index)
	}
	v, err := present(o.find(string(name)), string(name))
	if err != nil {
		return types.WrapErr(err)
	}
	return v
}

// IsSet says whether the field is there.
func (o *Object) IsSet(field ref.Val) ref.Val {
	name, ok := field.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(field)
	}
	return types.Bool(o.find(string(name)) != nil)
}

// Equal compares all fields with another object of the same type.
func (o *Object) Equal(other ref.Val) ref.Val {
	p, ok := other.(*Object)
	if !ok || p.typ != o.typ {
		return types.False
	}
	for i, v := range o.slots {
		w := p.slots[i]
		if (v == nil) != (w == nil) || (v != nil && types.Equal(v, w) != types.True) {
			return types.False
		}
	}
	if (o.extra == nil) != (p.extra == nil) {
		return types.False
	}
	return types.Bool(o.extra == nil || o.extra.Equal(p.extra) == types.True)
}

// ConvertToNative refuses: rules write JSON from the value itself.
func (o *Object) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("an object has no native form")
}

// ConvertToType converts to the object's type only.
func (o *Object) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.TypeType:
		return o.typ.cel
	case ref.Type(o.typ.cel):
		return o
	}
	return types.NewErr("type conversion error from an object to '%s'", t)
}

// Type returns the object's CEL type.
func (o *Object) Type() ref.Type { return o.typ.cel }

// Value returns the object itself.
func (o *Object) Value() any { return o }
