package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// describeRecord tells an object's fields in the terms of rules. Compound
// fields, such as addresses, are left out: their parts are fields too.
func describeRecord(call *sdk.Call, in abi.RecordKind) (abi.RecordShape, error) {
	o, err := open(call)
	if err != nil {
		return abi.RecordShape{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return abi.RecordShape{}, err
	}
	d, err := o.describe(in.Object)
	if err != nil {
		return abi.RecordShape{}, err
	}
	shape := abi.RecordShape{Object: d.Name, Title: d.Label, Fields: make([]abi.RecordField, 0, len(d.Fields))}
	for i := range d.Fields {
		if f := &d.Fields[i]; f.Type != "address" && f.Type != "location" {
			shape.Fields = append(shape.Fields, f.recordField())
		}
	}
	return shape, nil
}

func (f *describedField) recordField() abi.RecordField {
	out := abi.RecordField{Name: f.Name, Title: f.Label, Required: f.output().Required, ReadOnly: !f.Createable && !f.Updateable}
	kind := abi.TypeString
	switch f.Type {
	case "boolean":
		kind = abi.TypeBoolean
	case "int", "long":
		kind = abi.TypeInteger
	case "double", "currency", "percent":
		kind = abi.TypeNumber
	case "date":
		out.Format = "date"
	case "datetime":
		out.Format = "date-time"
	case "picklist":
		if f.Restricted {
			out.Values = f.output().Values
		}
	case "anyType", "complexvalue", "base64":
		kind = abi.TypeAny
	}
	out.Type = string(kind)
	return out
}
