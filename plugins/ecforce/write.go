package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// fields is the part of a request that changes a record: only what is named changes.
type fields map[string]any

// set adds what a pointer of an input points to; nil adds nothing.
func (f fields) set(name string, value any) {
	switch v := value.(type) {
	case *string:
		if v != nil {
			f[name] = *v
		}
	case *int64:
		if v != nil {
			f[name] = *v
		}
	case *commerce.Date:
		if v != nil {
			f[name] = string(*v)
		}
	}
}

// setFlag adds a truth value the way the platform takes it, as 0 or 1.
func (f fields) setFlag(name string, value *bool) {
	if value != nil {
		f[name] = flagOf(*value)
	}
}

func flagOf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// setTime adds a time as the platform takes it.
func (f fields) setTime(name string, text *string) error {
	if text == nil {
		return nil
	}
	t, err := jp.ParseTime(*text)
	if err != nil {
		return sdk.Errorf(abi.Invalid, "%s: %w", name, err)
	}
	f[name] = jp.FormatTime(t)
	return nil
}

// setPhone adds a telephone number in its three parts.
func (f fields) setPhone(phone *string) {
	if phone != nil {
		f["tel01"], f["tel02"], f["tel03"] = jp.SplitPhone(*phone)
	}
}

// setPostcode adds a postcode in its two parts; empty clears it.
func (f fields) setPostcode(postcode *string) error {
	if postcode == nil {
		return nil
	}
	if *postcode == "" {
		f["zip01"], f["zip02"] = "", ""
		return nil
	}
	first, second, err := jp.SplitPostcode(*postcode)
	if err != nil {
		return sdk.Errorf(abi.Invalid, "%w", err)
	}
	f["zip01"], f["zip02"] = first, second
	return nil
}

// setPrefecture adds a prefecture by number or by name.
func (f fields) setPrefecture(number *int64, name *string) error {
	f.set("prefecture_id", number)
	if number != nil || name == nil || *name == "" {
		return nil
	}
	found := jp.PrefectureNumber(*name)
	if found == 0 {
		return sdk.Errorf(abi.Invalid, "%q is not a prefecture", *name)
	}
	f["prefecture_id"] = found
	return nil
}

// addressFields are the fields of a delivery address.
func addressFields(a commerce.Address) (fields, error) {
	f := fields{}
	for name, value := range map[string]string{
		"name01": a.LastName, "name02": a.FirstName, "company_name": a.Company, "addr01": a.City, "addr02": a.Line1, "addr03": a.Line2,
	} {
		if value != "" {
			f[name] = value
		}
	}
	if a.LastName == "" && a.FullName != "" {
		f["name01"], f["name02"] = jp.SplitName(a.FullName)
	}
	if a.Phone != "" {
		f.setPhone(&a.Phone)
	}
	if a.PrefectureID != 0 {
		f["prefecture_id"] = a.PrefectureID
	} else if err := f.setPrefecture(nil, &a.Prefecture); err != nil {
		return nil, err
	}
	if a.Postcode == "" {
		return f, nil
	}
	return f, f.setPostcode(&a.Postcode)
}

// unapplied returns the names whose values the record does not have although
// they were sent. What the platform does not show cannot be checked, nor can lists.
func (f fields) unapplied(got attributes) []string {
	var names []string
	for name, value := range f {
		raw, shown := got[name]
		if shown && !same(value, raw) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// same compares what was sent with what is there, but for what the platform is
// free to write differently: width, case, blanks, forms of a time or truth value.
func same(sent any, got json.RawMessage) bool {
	a := attributes{"v": got}
	switch v := sent.(type) {
	case nil:
		return a.text("v") == ""
	case string:
		return folded(v) == folded(a.text("v")) || sameTime(v, a)
	case int, int64, bool:
		want := fmt.Sprint(v)
		if yes := a.flag("v"); yes != nil && (want == "0" || want == "1") {
			return want == fmt.Sprint(flagOf(*yes))
		}
		return want == a.text("v")
	default:
		return true
	}
}

func sameTime(sent string, got attributes) bool {
	t, err := jp.ParseTime(sent)
	return err == nil && !t.IsZero() && t.Equal(got.moment("v"))
}

func folded(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(jp.Narrow(text)), ""))
}

// notApplied is the error for values that were answered with 200 and dropped.
func notApplied(what string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return &abi.Error{
		Kind: abi.Invalid, Code: "not_applied", Status: 200, Fields: names,
		Message: fmt.Sprintf("ecforce answered 200 for %s but did not take %s", what, strings.Join(names, ", ")),
	}
}

// change sends the fields of one record and returns it as it is then: read
// again and compared if the setting verify_writes says so, else as the
// platform answered the write.
func change(s shop, path, id, include string, request request, sent fields) (row, error) {
	if !s.VerifyWrites {
		doc, err := readSingle(request)
		if err != nil {
			return row{}, err
		}
		return doc.row(), nil
	}
	if err := request.Send(); err != nil {
		return row{}, err
	}
	doc, err := readOne(s, path, id, include)
	if err != nil {
		return row{}, fmt.Errorf("reading %s %s again after the write: %w", path, id, err)
	}
	return doc.row(), notApplied(path+" "+id, sent.unapplied(doc.Data.Attributes))
}

// verified compares what was sent with what was read again, if the setting verify_writes says so.
func verified(s shop, what string, sent fields, got attributes) error {
	if !s.VerifyWrites {
		return nil
	}
	return notApplied(what, sent.unapplied(got))
}

// without returns the fields but one.
func (f fields) without(name string) fields {
	rest := maps.Clone(f)
	delete(rest, name)
	return rest
}
