package rules

import (
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// fit says how surely a value of one type is one of another.
type fit int

const (
	// fitsNot is a value of another type.
	fitsNot fit = iota
	// fitsPresent fits when it is there, but it may be absent.
	fitsPresent
	// fitsPerhaps is only known once the value is there.
	fitsPerhaps
	// fitsYes is sure.
	fitsYes
)

// fits compares the type of an expression with the type that a place wants.
func (l *loader) fits(have *types.Type, want *shape.Type) fit {
	if shape.IsOptional(have) {
		if l.fits(have.Parameters()[0], want) == fitsNot {
			return fitsNot
		}
		return fitsPresent
	}
	switch {
	case want.IsAny():
		return l.writable(have)
	case have.Kind() == types.DynKind || have.Kind() == types.TypeParamKind:
		return fitsPerhaps
	case have.Kind() == types.NullTypeKind:
		return yesIf(want.Schema().Nullable)
	}
	switch want.Schema().Type {
	case abi.TypeArray:
		return l.listFits(have, want)
	case abi.TypeObject:
		return l.objectFits(have, want)
	case abi.TypeNumber:
		return yesIf(have.Kind() == types.DoubleKind || have.Kind() == types.IntKind)
	case abi.TypeInteger:
		return yesIf(have.Kind() == types.IntKind || have.Kind() == types.UintKind)
	default:
		birthday := want.CEL().IsExactType(value.BirthdayType) && have.IsExactType(value.DateType)
		return yesIf(birthday || have.IsExactType(want.CEL()))
	}
}

func yesIf(ok bool) fit {
	if ok {
		return fitsYes
	}
	return fitsNot
}

// writable says whether a value can be passed on at all: durations, bytes and
// types have no form that a platform would know.
func (l *loader) writable(have *types.Type) fit {
	switch have.Kind() {
	case types.DurationKind, types.BytesKind, types.TypeKind:
		return fitsNot
	case types.MapKind:
		return yesIf(textKeys(have))
	default:
		return fitsYes
	}
}

// textKeys says whether a map's keys are text, as JSON needs them.
func textKeys(t *types.Type) bool {
	key := t.Parameters()[0].Kind()
	return key == types.StringKind || key == types.DynKind || key == types.TypeParamKind
}

func (l *loader) listFits(have *types.Type, want *shape.Type) fit {
	if have.Kind() != types.ListKind {
		return fitsNot
	}
	item := l.fits(have.Parameters()[0], want.Elem())
	if item == fitsPresent { // absent items are left out
		return fitsPerhaps
	}
	return item
}

func (l *loader) objectFits(have *types.Type, want *shape.Type) fit {
	switch {
	case have.Kind() == types.StructKind:
		return l.fieldsFit(l.lang.Types().From(have), want)
	case have.Kind() != types.MapKind || !textKeys(have):
		return fitsNot
	case want.IsObject():
		return fitsPerhaps
	default:
		return min(l.fits(have.Parameters()[1], want.Elem()), fitsYes)
	}
}

// fieldsFit compares two objects field by field.
func (l *loader) fieldsFit(have, want *shape.Type) fit {
	result := fitsYes
	for _, f := range have.Fields() {
		target := want.Elem()
		if want.IsObject() {
			field, found := want.Field(f.Name)
			if !found || (f.Optional && !field.Optional) {
				return fitsNot
			}
			target = field.Type
		}
		switch l.fits(f.Type.CEL(), target) {
		case fitsNot:
			return fitsNot
		case fitsPerhaps, fitsPresent:
			result = fitsPerhaps
		case fitsYes:
		}
	}
	for _, f := range want.Fields() {
		if _, found := have.Field(f.Name); !found && !f.Optional {
			return fitsNot
		}
	}
	return result
}
