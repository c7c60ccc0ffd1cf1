package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// object is a kind of record that upserts and links work on. Its fields are
// named as in the outputs and inputs of its actions.
type object struct {
	// search returns the matching records as the actions put them out.
	search func(s shop, match map[string]any, limit int64) (total int64, records []any, err error)
	create func(s shop, input []byte) (id string, err error)
	update func(s shop, input []byte) (id string, err error)
}

func objects() map[string]object {
	return map[string]object{
		"customer": {
			search: searching(searchCustomers, func(l customerList) (int64, []customer) { return l.TotalSize, l.Customers }),
			create: writing(createCustomer, func(c customer) string { return c.ID }),
			update: writing(updateCustomer, func(c customer) string { return c.ID }),
		},
		"order": {
			search: searching(searchOrders, func(l orderList) (int64, []order) { return l.TotalSize, l.Orders }),
			update: writing(updateOrder, func(o order) string { return o.ID }),
		},
		"subscription": {
			search: searching(searchSubscriptions, func(l subscriptionList) (int64, []subscription) { return l.TotalSize, l.Subscriptions }),
			update: writing(updateSubscription, func(s subscription) string { return s.ID }),
		},
		"product": {
			search: searching(searchProducts, func(l productList) (int64, []product) { return l.TotalSize, l.Products }),
			update: writing(updateProduct, func(p product) string { return p.ID }),
		},
	}
}

func objectNamed(name string) (object, error) {
	all := objects()
	found, ok := all[name]
	if !ok {
		return object{}, sdk.Errorf(abi.Invalid, "ecforce has no records of kind %q; there are %v", name, slices.Sorted(maps.Keys(all)))
	}
	return found, nil
}

// searching makes a record search of a search action: match is its input.
func searching[In, Out, T any](run func(shop, In) (Out, error), open func(Out) (int64, []T)) func(shop, map[string]any, int64) (int64, []any, error) {
	return func(s shop, match map[string]any, limit int64) (int64, []any, error) {
		conditions := maps.Clone(match)
		if limit > 0 {
			conditions["limit"] = limit
		}
		in, err := inputOf[In](conditions)
		if err != nil {
			return 0, nil, err
		}
		out, err := run(s, in)
		if err != nil {
			return 0, nil, err
		}
		total, list := open(out)
		records := make([]any, 0, len(list))
		for _, item := range list {
			records = append(records, item)
		}
		return total, records, nil
	}
}

// writing makes a record write of an action: the fields are its input.
func writing[In, Out any](run func(shop, In) (Out, error), id func(Out) string) func(shop, []byte) (string, error) {
	return func(s shop, input []byte) (string, error) {
		in, err := decodeInput[In](input)
		if err != nil {
			return "", err
		}
		out, err := run(s, in)
		return id(out), err
	}
}

func inputOf[In any](values map[string]any) (In, error) {
	var in In
	text, err := json.Marshal(values)
	if err != nil {
		return in, err
	}
	return decodeInput[In](text)
}

// decodeInput refuses fields that the action does not have.
func decodeInput[In any](text []byte) (In, error) {
	var in In
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return in, sdk.Errorf(abi.Invalid, "reading the fields: %w", err)
	}
	return in, nil
}

func searchRecords(s shop, in abi.RecordQuery) (abi.RecordList, error) {
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
	total, found, err := o.search(s, in.Match, in.Limit)
	if err != nil {
		return abi.RecordList{}, err
	}
	list := abi.RecordList{TotalSize: total, Records: []abi.Record{}}
	for _, item := range found {
		record, err := recordOf(item, in.Fields)
		if err != nil {
			return abi.RecordList{}, err
		}
		list.Records = append(list.Records, record)
	}
	return list, nil
}

// recordOf turns an action's output into a record with the wanted fields; none wanted means all.
func recordOf(item any, wanted []string) (abi.Record, error) {
	text, err := json.Marshal(item)
	if err != nil {
		return abi.Record{}, err
	}
	var all map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		return abi.Record{}, err
	}
	record := abi.Record{Fields: all}
	record.ID, _ = all["id"].(string)
	if len(wanted) > 0 {
		record.Fields = map[string]any{}
		for _, name := range wanted {
			if value, found := all[name]; found {
				record.Fields[name] = value
			}
		}
	}
	return record, nil
}

func createRecord(s shop, in abi.RecordDraft) (abi.RecordRef, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordRef{}, err
	}
	if o.create == nil {
		return abi.RecordRef{}, sdk.Errorf(abi.Unsupported, "ecforce cannot create a single %s", in.Object)
	}
	text, err := json.Marshal(in.Fields)
	if err != nil {
		return abi.RecordRef{}, err
	}
	id, err := o.create(s, text)
	return abi.RecordRef{ID: id}, err
}

func updateRecord(s shop, in abi.RecordChange) (abi.RecordRef, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordRef{}, err
	}
	changes := maps.Clone(in.Fields)
	if changes == nil {
		changes = map[string]any{}
	}
	changes["id"] = in.ID
	text, err := json.Marshal(changes)
	if err != nil {
		return abi.RecordRef{}, err
	}
	id, err := o.update(s, text)
	return abi.RecordRef{ID: id}, err
}

func confirmRecord(s shop, in abi.RecordDraft) (abi.RecordRef, bool, error) {
	if in.Object != "customer" {
		return abi.RecordRef{}, false, nil
	}
	draft, err := inputOf[createCustomerInput](in.Fields)
	if err != nil {
		return abi.RecordRef{}, false, err
	}
	c, done, err := confirmCustomer(s, draft)
	return abi.RecordRef{ID: c.ID}, done, err
}
