package shape

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/musubi-run/musubi/rules/value"
)

// Accepts says whether JSON fits the type as a whole: required fields,
// enumerations and everything inside. The error is a [value.Error].
func (t *Type) Accepts(data []byte) error {
	v, err := t.Decode(data)
	if err != nil {
		return err
	}
	return t.verify("", v)
}

func (t *Type) verify(where string, v ref.Val) error {
	switch v := v.(type) {
	case *broken:
		return value.NewFault(inside, where, v.fault.Text)
	case *Object:
		return t.verifyObject(where, v)
	case types.String:
		if enum := t.schema.Enum; len(enum) > 0 && !slices.Contains(enum, string(v)) {
			return value.NewFault(notOneOf, string(v), strings.Join(enum, ", "))
		}
	case *value.Dict:
		for _, e := range v.Entries() {
			if t.elem == nil {
				break
			}
			if err := t.elem.verify(where, e.Value); err != nil {
				return err
			}
		}
	case traits.Lister:
		return t.verifyList(where, v)
	}
	return nil
}

func (t *Type) verifyList(where string, l traits.Lister) error {
	if t.elem == nil {
		return nil
	}
	for it := l.Iterator(); it.HasNext() == types.True; {
		if err := t.elem.verify(where, it.Next()); err != nil {
			return err
		}
	}
	return nil
}

func (t *Type) verifyObject(where string, o *Object) error {
	for i, f := range o.typ.fields {
		way := strings.TrimPrefix(where+"."+f.Name, ".")
		switch v := o.slots[i]; {
		case v == nil && !f.Optional:
			return value.NewFault(absent, way)
		case v == nil:
		default:
			if err := f.Type.verify(way, v); err != nil {
				return err
			}
		}
	}
	return nil
}
