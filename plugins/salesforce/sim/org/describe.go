package org

import (
	"slices"
	"time"
)

// Describe returns what describe shows of an object.
func (o *Object) Describe() map[string]any {
	fields := make([]map[string]any, len(o.fields))
	for i, f := range o.fields {
		fields[i] = f.describe()
	}
	d := o.Summary("")
	delete(d, "urls")
	d["fields"] = fields
	d["recordTypeInfos"] = []map[string]any{{
		"recordTypeId": "012000000000000AAA", "developerName": "Master", "name": "Master",
		"available": true, "active": true, "master": true, "defaultRecordTypeMapping": true,
	}}
	return d
}

// Summary returns what the list of objects shows of one.
func (o *Object) Summary(base string) map[string]any {
	url := base + "/sobjects/" + o.Name
	return map[string]any{
		"name": o.Name, "label": o.Name, "labelPlural": o.Name, "keyPrefix": o.Prefix, "custom": o.Custom(),
		"createable": true, "updateable": true, "deletable": true, "queryable": true, "retrieveable": true,
		"urls": map[string]string{"sobject": url, "describe": url + "/describe", "rowTemplate": url + "/{ID}"},
	}
}

func (f *Field) describe() map[string]any {
	values := make([]map[string]any, len(f.Values))
	for i, v := range f.Values {
		values[i] = map[string]any{"value": v, "label": v, "active": true, "defaultValue": v == f.Default}
	}
	referenceTo := []string{}
	if f.Target != "" && f.Target != anyObject {
		referenceTo = append(referenceTo, f.Target)
	}
	precision, scale := 0, 0
	if f.numeric() && f.Type != Int {
		precision, scale = 18, 2
	}
	return map[string]any{
		"name": f.Name, "label": f.Label(), "type": f.Type, "length": f.Length, "precision": precision, "scale": scale,
		"nillable": !f.Required && f.Type != Boolean, "createable": !f.ReadOnly, "updateable": !f.ReadOnly && !f.CreateOnly,
		"defaultedOnCreate": f.Default != "" || f.Type == Boolean || f.Name == "OwnerId",
		"externalId":        f.ExternalID, "unique": f.Unique, "idLookup": f.ExternalID || f.Name == fieldID || f.Type == Email,
		"custom": f.Custom(), "calculated": false, "filterable": f.filterable(),
		"restrictedPicklist": f.Restricted, "picklistValues": values,
		"referenceTo": referenceTo, "relationshipName": orNull(f.Relationship),
		"nameField": f.Name == "Name",
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Changed returns the records of an object whose SystemModstamp lies in
// [from, to): the deleted ones, or the others. Seconds are ignored.
func (tx *Tx) Changed(o *Object, from, to time.Time, deleted bool) []*Record {
	from, to = from.Truncate(time.Minute), to.Truncate(time.Minute)
	found := slices.DeleteFunc(slices.Clone(o.records), func(r *Record) bool {
		at := r.Modified()
		return r.Deleted() != deleted || at.Before(from) || !at.Before(to)
	})
	slices.SortStableFunc(found, func(a, b *Record) int { return a.Modified().Compare(b.Modified()) })
	return found
}

// Records returns the object's live records in order of creation.
func (o *Object) Records() []*Record {
	return slices.DeleteFunc(slices.Clone(o.records), (*Record).Deleted)
}

// Now returns the time of the transaction; zero in a view.
func (tx *Tx) Now() time.Time { return tx.now }
