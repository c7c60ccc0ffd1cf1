package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// readFields decodes an action's input, a pointer; a field that it does not have is Invalid.
func readFields(text []byte, in any) error {
	var given map[string]any
	if err := sdk.Decode(text, &given); err != nil {
		return sdk.Errorf(abi.Invalid, "reading the fields: %w", err)
	}
	known := map[string]bool{}
	collectNames(reflect.TypeOf(in).Elem(), known)
	for name := range given {
		if !known[name] {
			return &abi.Error{Kind: abi.Invalid, Fields: []string{name}, Message: fmt.Sprintf("there is no field %q here", name)}
		}
	}
	if err := sdk.Decode(text, in); err != nil {
		return sdk.Errorf(abi.Invalid, "reading the fields: %w", err)
	}
	return nil
}

// collectNames adds the JSON names of a struct's fields.
func collectNames(t reflect.Type, names map[string]bool) {
	for field := range t.Fields() {
		if field.Anonymous {
			collectNames(field.Type, names)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
	}
}

func searchRecords(call *sdk.Call, in abi.RecordQuery) (abi.RecordList, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordList{}, err
	}
	if len(in.Match) == 0 {
		return abi.RecordList{}, sdk.Errorf(abi.Invalid, "match is empty: it would match every %s", in.Object)
	}
	for name, value := range in.Match {
		if value == nil || value == "" {
			return abi.RecordList{}, sdk.Errorf(abi.Invalid, "match: %s has no value", name)
		}
	}
	match := maps.Clone(in.Match)
	if in.Limit > 0 {
		match["limit"] = in.Limit
	}
	text, err := sdk.Encode(match)
	if err != nil {
		return abi.RecordList{}, err
	}
	total, found, err := o.search(call, text)
	if err != nil {
		return abi.RecordList{}, err
	}
	records, err := recordsOf(found, in.Fields)
	return abi.RecordList{TotalSize: total, Records: records}, err
}

// recordsOf turns a list of an action's outputs into records with the wanted
// fields; none wanted means all.
func recordsOf(found any, wanted []string) ([]abi.Record, error) {
	text, err := sdk.Encode(found)
	if err != nil {
		return nil, err
	}
	var all []map[string]any
	if err := sdk.Decode(text, &all); err != nil {
		return nil, err
	}
	records := make([]abi.Record, 0, len(all))
	for _, values := range all {
		id, ok := values["id"].(string)
		if !ok {
			return nil, sdk.Errorf(abi.Internal, "a record without an id")
		}
		if len(wanted) > 0 {
			maps.DeleteFunc(values, func(name string, _ any) bool { return !slices.Contains(wanted, name) })
		}
		records = append(records, abi.Record{ID: id, Fields: values})
	}
	return records, nil
}

func createRecord(call *sdk.Call, in abi.RecordDraft) (abi.RecordRef, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordRef{}, err
	}
	if o.create == nil {
		return abi.RecordRef{}, sdk.Errorf(abi.Unsupported, "ecforce cannot create a single %s", in.Object)
	}
	text, err := sdk.Encode(in.Fields)
	if err != nil {
		return abi.RecordRef{}, err
	}
	id, err := o.create(call, text)
	return abi.RecordRef{ID: id}, err
}

func updateRecord(call *sdk.Call, in abi.RecordChange) (abi.RecordRef, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordRef{}, err
	}
	changes := maps.Clone(in.Fields)
	if changes == nil {
		changes = map[string]any{}
	}
	changes["id"] = in.ID
	text, err := sdk.Encode(changes)
	if err != nil {
		return abi.RecordRef{}, err
	}
	id, err := o.update(call, text)
	return abi.RecordRef{ID: id}, err
}

func confirmRecord(call *sdk.Call, in abi.RecordDraft) (abi.RecordRef, bool, error) {
	if in.Object != "customer" {
		return abi.RecordRef{}, false, nil
	}
	text, err := sdk.Encode(in.Fields)
	if err != nil {
		return abi.RecordRef{}, false, err
	}
	var draft createCustomerInput
	if err := readFields(text, &draft); err != nil {
		return abi.RecordRef{}, false, err
	}
	c, done, err := confirmCustomer(call, draft)
	return abi.RecordRef{ID: c.ID}, done, err
}
