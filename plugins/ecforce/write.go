package main

import (
	"maps"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// fields is the part of a request that changes a record: only what is named changes.
type fields map[string]any

// set adds what a pointer of an input points to; nil adds nothing. A text that is
// changed to null is an empty one, which is how the platform shows it then; a
// number or a day is null.
func (f fields) set(name string, value any) {
	switch v := value.(type) {
	case *string:
		if v != nil {
			f[name] = *v
		}
	case sdk.Change:
		if v.Given {
			f[name] = v.Text
		}
	case *int64:
		if v != nil {
			f[name] = *v
		}
	case numberChange:
		f.change(name, v.Number, v.Given, v.Null)
	case dateChange:
		f.change(name, v.Text, v.Given, v.Null)
	}
}

func (f fields) change(name string, value any, given, null bool) {
	switch {
	case null:
		f[name] = nil
	case given:
		f[name] = value
	}
}

// optionNames are the fields that a shop defines for itself.
const optionNames = " option01 option02 option03 option04 option05 option06 option07 option08 option09 option10 "

// setOptions adds shop-defined fields; other names would be dropped by the platform without a word.
func (f fields) setOptions(options map[string]string) error {
	for name, value := range options {
		if !strings.Contains(optionNames, " "+name+" ") {
			return sdk.Errorf(abi.Invalid, "options: %q is not one of option01 to option10", name)
		}
		f[name] = value
	}
	return nil
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

// setTime adds a time as the platform takes it; empty clears it.
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

// setPrefecture adds a prefecture by number or by name; an empty name says nothing.
func (f fields) setPrefecture(number numberChange, name sdk.Change) error {
	if number.Null || name.Null {
		f["prefecture_id"] = nil
	}
	if number.Given && !number.Null {
		f["prefecture_id"] = number.Number
		return nil
	}
	if name.Text == "" {
		return nil
	}
	found := jp.PrefectureNumber(name.Text)
	if found == 0 {
		return sdk.Errorf(abi.Invalid, "%q is not a prefecture", name.Text)
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
	} else if err := f.setPrefecture(numberChange{}, sdk.Change{Text: a.Prefecture, Given: true}); err != nil {
		return nil, err
	}
	if a.Postcode == "" {
		return f, nil
	}
	return f, f.setPostcode(&a.Postcode)
}

// without returns the fields but one.
func (f fields) without(name string) fields {
	rest := maps.Clone(f)
	delete(rest, name)
	return rest
}
