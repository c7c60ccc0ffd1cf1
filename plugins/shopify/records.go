package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

// maxRecords is how many records a search returns at the most, if nobody says.
const maxRecords = 200

// object is a kind of record that can be searched, created and updated by field names.
type object struct {
	// search returns the records that fit, as values that encode to objects with an id.
	search func(s shop, match map[string]string, limit int64) ([]any, error)
	create func(call *sdk.Call, fields []byte) (id string, err error)
	update func(call *sdk.Call, fields []byte) (id string, err error)
	// fields can be matched.
	fields []string
}

// objects returns the kinds of record, by name.
func objects() map[string]object {
	return map[string]object{
		"customer": {
			search: matchCustomers,
			fields: []string{"id", "email", "phone", "tag", "first_name", "last_name"},
			create: func(call *sdk.Call, fields []byte) (string, error) {
				var in customerInput
				if err := sdk.DecodeInput(fields, &in); err != nil {
					return "", err
				}
				c, err := createCustomer(call, in)
				return c.ID, err
			},
			update: func(call *sdk.Call, fields []byte) (string, error) {
				var in updateCustomerInput
				if err := sdk.DecodeInput(fields, &in); err != nil {
					return "", err
				}
				c, err := updateCustomer(call, in)
				return c.ID, err
			},
		},
		"order": {
			search: matchOrders,
			fields: []string{"id", "number", "email", "customer_id", "source_identifier", "source", "tag", "checkout_token"},
			create: func(call *sdk.Call, fields []byte) (string, error) {
				var in createOrderInput
				if err := sdk.DecodeInput(fields, &in); err != nil {
					return "", err
				}
				o, err := createOrder(call, in)
				return o.ID, err
			},
			update: func(call *sdk.Call, fields []byte) (string, error) {
				var in updateOrderInput
				if err := sdk.DecodeInput(fields, &in); err != nil {
					return "", err
				}
				o, err := updateOrder(call, in)
				return o.ID, err
			},
		},
	}
}

func objectNamed(name string) (object, error) {
	o, ok := objects()[name]
	if !ok {
		return o, sdk.Errorf(abi.Invalid, "there is no kind of record %q here: customer, order", name)
	}
	return o, nil
}

func searchRecords(call *sdk.Call, in abi.RecordQuery) (abi.RecordList, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordList{}, err
	}
	match, err := o.match(in)
	if err != nil {
		return abi.RecordList{}, err
	}
	limit := in.Limit
	if limit <= 0 {
		limit = maxRecords
	}
	hits, err := o.search(shopOf(call), match, limit)
	if err != nil {
		return abi.RecordList{}, err
	}
	records, err := recordsOf(hits, in.Fields)
	return abi.RecordList{TotalSize: int64(len(records)), Records: records}, err
}

// match checks what is to be matched; nothing would match everything.
func (o object) match(in abi.RecordQuery) (map[string]string, error) {
	if len(in.Match) == 0 {
		return nil, sdk.Errorf(abi.Invalid, "match is empty: it would match every %s", in.Object)
	}
	match := make(map[string]string, len(in.Match))
	for name, value := range in.Match {
		if !slices.Contains(o.fields, name) {
			return nil, &abi.Error{Kind: abi.Invalid, Fields: []string{name}, Message: fmt.Sprintf("a %s cannot be found by %q, only by %s", in.Object, name, strings.Join(o.fields, ", "))}
		}
		text := ""
		if value != nil {
			text = fmt.Sprint(value)
		}
		if text == "" {
			return nil, &abi.Error{Kind: abi.Invalid, Fields: []string{name}, Message: "match: " + name + " has no value"}
		}
		match[name] = text
	}
	return match, nil
}

// matchCustomers asks the database where one exact key is given, else the search.
func matchCustomers(s shop, match map[string]string, limit int64) ([]any, error) {
	if by := exactly(match); by != nil {
		c, err := s.customerBy(by)
		if err != nil || c == nil {
			return nil, err
		}
		return []any{c}, nil
	}
	var terms []string
	for _, name := range []string{"id", "email", "phone", "tag", "first_name", "last_name"} {
		value, ok := match[name]
		if name == "phone" && ok {
			value = "+" + jp.Digits(value)
			if e164, err := jp.E164(match[name]); err == nil {
				value = e164
			}
		}
		if ok {
			terms = append(terms, filter(name, "", value))
		}
	}
	var hits []any
	q := search{query: joined(" ", terms...), sort: "UPDATED_AT"}
	err := each(limit, customerCost, q, s.customers, func(c customer) bool {
		if customerFits(&c, match) {
			hits = append(hits, c)
		}
		return int64(len(hits)) >= limit
	})
	return hits, err
}

// exactly is the identifier of a match by one unique field; nil for any other match.
func exactly(match map[string]string) map[string]any {
	if len(match) != 1 {
		return nil
	}
	if id, ok := match["id"]; ok {
		if global, err := gid(kindCustomer, id); err == nil {
			return map[string]any{"id": global}
		}
		return nil
	}
	by, err := findCustomerInput{Email: match["email"], Phone: match["phone"]}.identifier()
	if err != nil {
		return nil
	}
	return by
}

func customerFits(c *customer, match map[string]string) bool {
	for name, want := range match {
		switch name {
		case "id":
			want = number(want)
		case "phone":
			want = jp.Phone(want)
		case "tag":
			if !hasTag(c.Tags, want) {
				return false
			}
			continue
		}
		has := map[string]string{"id": c.ID, "email": c.Email, "phone": c.Phone, "first_name": c.FirstName, "last_name": c.LastName}[name]
		if !strings.EqualFold(has, want) {
			return false
		}
	}
	return true
}

func matchOrders(s shop, match map[string]string, limit int64) ([]any, error) {
	if id, ok := match["id"]; ok && len(match) == 1 {
		o, err := s.order(id)
		if abi.KindOf(err) == abi.NotFound {
			return nil, nil
		}
		return []any{o}, err
	}
	var terms []string
	for _, term := range []struct{ name, field string }{
		{"id", "id"},
		{"number", "name"},
		{"email", "email"},
		{"customer_id", "customer_id"},
		{"source_identifier", "source_identifier"},
		{"source", "source_name"},
		{"tag", "tag"},
		{"checkout_token", "checkout_token"},
	} {
		if value, ok := match[term.name]; ok {
			terms = append(terms, filter(term.field, "", value))
		}
	}
	var hits []any
	q := search{query: joined(" ", terms...), sort: "CREATED_AT"}
	err := each(limit, orderCost(linesPerOrder), q, s.orders, func(o order) bool {
		if orderFits(&o, match) {
			hits = append(hits, o)
		}
		return int64(len(hits)) >= limit
	})
	return hits, err
}

func orderFits(o *order, match map[string]string) bool {
	for name, want := range match {
		if name == "tag" {
			if !hasTag(o.Tags, want) {
				return false
			}
			continue
		}
		has := map[string]string{
			"id": o.ID, "number": o.Number, "email": o.Email, "customer_id": o.CustomerID, "source_identifier": o.SourceIdentifier,
			"source": o.Source, "checkout_token": o.CheckoutToken,
		}[name]
		if !strings.EqualFold(has, want) && (name != "checkout_token" || has != "") {
			return false
		}
	}
	return true
}

func createRecord(call *sdk.Call, in abi.RecordDraft) (abi.RecordRef, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordRef{}, err
	}
	fields, err := sdk.Encode(in.Fields)
	if err != nil {
		return abi.RecordRef{}, err
	}
	id, err := o.create(call, fields)
	return abi.RecordRef{ID: id}, err
}

func updateRecord(call *sdk.Call, in abi.RecordChange) (abi.RecordRef, error) {
	o, err := objectNamed(in.Object)
	if err != nil {
		return abi.RecordRef{}, err
	}
	fields := map[string]any{"id": in.ID}
	for name, value := range in.Fields {
		fields[name] = value
	}
	encoded, err := sdk.Encode(fields)
	if err != nil {
		return abi.RecordRef{}, err
	}
	id, err := o.update(call, encoded)
	return abi.RecordRef{ID: id}, err
}

func confirmRecord(call *sdk.Call, in abi.RecordDraft) (abi.RecordRef, bool, error) {
	fields, err := sdk.Encode(in.Fields)
	if err != nil {
		return abi.RecordRef{}, false, err
	}
	if in.Object == "order" {
		var draft createOrderInput
		if err := sdk.DecodeInput(fields, &draft); err != nil {
			return abi.RecordRef{}, false, err
		}
		o, done, err := confirmOrder(call, draft)
		return abi.RecordRef{ID: o.ID}, done, err
	}
	var draft customerInput
	if err := sdk.DecodeInput(fields, &draft); err != nil {
		return abi.RecordRef{}, false, err
	}
	c, done, err := confirmCustomer(call, draft)
	return abi.RecordRef{ID: c.ID}, done, err
}

// recordsOf turns what a search found into records with the wanted fields; none
// wanted means all.
func recordsOf(hits []any, wanted []string) ([]abi.Record, error) {
	records := make([]abi.Record, 0, len(hits))
	for _, hit := range hits {
		text, err := sdk.Encode(hit)
		if err != nil {
			return nil, err
		}
		var fields map[string]any
		if err := sdk.Decode(text, &fields); err != nil {
			return nil, err
		}
		id, ok := fields["id"].(string)
		if !ok {
			return nil, sdk.Errorf(abi.Internal, "a record without an id")
		}
		if len(wanted) > 0 {
			maps.DeleteFunc(fields, func(name string, _ any) bool { return !slices.Contains(wanted, name) })
		}
		records = append(records, abi.Record{ID: id, Fields: fields})
	}
	return records, nil
}
