package main

import (
	"errors"
	"maps"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// fieldKinds are the literal kinds of an object's fields, as far as guessing
// went wrong once. They are kept with the connection, so that a guess costs a
// refused query and a describe only the first time.
type fieldKinds map[string]literalKind

func kindsKey(object string) string { return "kinds:" + object }

func (o *org) kindsOf(object string) (fieldKinds, error) {
	value, ok, err := o.call.State(kindsKey(object))
	if err != nil || !ok {
		return nil, err
	}
	var known fieldKinds
	if err := sdk.Decode(value, &known); err != nil {
		return nil, sdk.Errorf(abi.Internal, "reading the noted field types of %s: %w", object, err)
	}
	return known, nil
}

// learn describes the object and notes the kinds of the named fields. It says
// whether that changed anything: if not, the refusal had another cause.
func (o *org) learn(object string, fields []string, known fieldKinds) (fieldKinds, bool, error) {
	described, err := o.describe(object)
	if err != nil {
		return nil, false, err
	}
	learnt := maps.Clone(known)
	if learnt == nil {
		learnt = fieldKinds{}
	}
	for _, name := range fields {
		if f := described.field(name); f != nil {
			learnt[name] = f.literalKind()
		}
	}
	if maps.Equal(learnt, known) {
		return known, false, nil
	}
	value, err := sdk.Encode(learnt)
	if err != nil {
		return nil, false, err
	}
	return learnt, true, o.call.SetState(kindsKey(object), value)
}

// literalKind returns how the field's literals are written.
func (f *describedField) literalKind() literalKind {
	if !f.filterable() {
		return unfilterable
	}
	switch f.Type {
	case "boolean":
		return asBoolean
	case "double", "int", "long", "currency", "percent":
		return asNumber
	case "date":
		return asDate
	case "datetime":
		return asDateTime
	}
	return asText
}

// withKinds calls query with the kinds that are known of the fields. If the
// platform refuses it because of a literal, the kinds are looked up and query
// is called once more.
func (o *org) withKinds(object string, fields []string, query func(fieldKinds) error) error {
	known, err := o.kindsOf(object)
	if err != nil {
		return err
	}
	refused := query(known)
	e, ok := errors.AsType[*abi.Error](refused)
	if !ok || e.Code != codeInvalidField {
		return refused
	}
	learnt, changed, err := o.learn(object, fields, known)
	if err != nil {
		return err
	}
	if !changed {
		return refused
	}
	return query(learnt)
}
