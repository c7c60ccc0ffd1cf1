package org

import (
	"fmt"
	"slices"
	"strings"
)

// draft is a record about to be written.
type draft struct {
	tx     *Tx
	object *Object
	record *Record // nil on create
	id     string
	old    []any // nil on create
	values []any
}

func (d *draft) get(name string) any {
	f := d.object.Field(name)
	if f == nil {
		return nil
	}
	return at(d.values, f)
}

func (d *draft) text(name string) string {
	text, _ := d.get(name).(string) //nolint:errcheck // empty is what is meant
	return text
}

func (d *draft) number(name string) float64 {
	n, _ := d.get(name).(float64) //nolint:errcheck // zero is what is meant
	return n
}

// set writes a field that the org itself derives.
func (d *draft) set(name string, value any) {
	if f := d.object.Field(name); f != nil {
		d.values[f.pos] = value
	}
}

func (d *draft) setDefault(pos int, value any) {
	if d.values[pos] == nil {
		d.values[pos] = value
	}
}

// changed says whether the field differs from what was stored.
func (d *draft) changed(name string) bool {
	f := d.object.Field(name)
	return d.old == nil || compare(at(d.old, f), at(d.values, f)) != 0
}

// assign takes over the fields of a request. Names are compared without case;
// "attributes" is ignored.
func (d *draft) assign(fields map[string]any) error {
	if d.old == nil {
		d.assignDefaults()
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names) // so that the same fault is always reported first
	var refused []string
	for _, name := range names {
		if strings.EqualFold(name, "attributes") {
			continue
		}
		f, err := d.assignField(name, fields[name])
		if err != nil {
			return err
		}
		if f != nil {
			refused = append(refused, f.Name)
		}
	}
	if len(refused) > 0 {
		return refuse(CodeReadOnly, "Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
			strings.Join(refused, ", ")).on(refused...)
	}
	return nil
}

func (d *draft) assignDefaults() {
	for _, f := range d.object.fields {
		if f.Default != "" {
			d.values[f.pos] = f.Default
		}
	}
	if f := d.object.Field("OwnerId"); f != nil {
		d.values[f.pos] = d.tx.user
	}
}

// assignField returns the field if it may not be written.
func (d *draft) assignField(name string, raw any) (refused *Field, err error) {
	f := d.object.Field(name)
	if nested, ok := raw.(map[string]any); ok {
		if f = d.object.relationships[fold(name)]; f == nil {
			return nil, d.object.noColumn(name)
		}
		if raw, err = d.tx.resolve(f, nested); err != nil {
			return nil, err
		}
	}
	switch {
	case f == nil:
		return nil, d.object.noColumn(name)
	case d.tx.staff && f.Name == fieldID:
		return nil, nil //nolint:nilnil // Place was told the id
	case d.tx.staff:
	case f.Name == fieldID:
		return nil, refuse(CodeInvalidField, "The Id field should not be specified in the sobject data.").on(fieldID)
	case f.ReadOnly || f.CreateOnly && d.old != nil:
		return f, nil
	}
	d.values[f.pos], err = f.convert(raw)
	return nil, err
}

// resolve finds the parent that a nested object names by an external id.
func (tx *Tx) resolve(f *Field, nested map[string]any) (any, error) {
	parent := tx.org.objects[fold(f.Target)]
	for name, raw := range nested {
		if strings.EqualFold(name, "attributes") {
			continue
		}
		key, ok := raw.(string)
		if parent == nil || !ok {
			break
		}
		found, err := tx.Lookup(parent, name, key)
		if err != nil {
			return nil, err
		}
		if len(found) == 1 {
			return found[0].id, nil
		}
		return nil, refuse("INVALID_FIELD", "Foreign key external ID: %s not found for field %s in entity %s", fold(key), name, parent.Name)
	}
	return nil, refuse(CodeJSON, "The value provided for foreign key reference %s is not a nested SObject", f.Relationship)
}

// Lookup returns the live records whose external id field holds the key.
// A field that is no external id is NOT_FOUND.
func (tx *Tx) Lookup(object *Object, field, key string) ([]*Record, error) {
	f := object.Field(field)
	if f == nil || !f.ExternalID && f.Name != fieldID {
		e := notFound()
		e.Message = "Provided external ID field does not exist or is not accessible: " + field
		return nil, e
	}
	if f.Name == fieldID {
		if r := object.Find(key); r != nil && !r.Deleted() {
			return []*Record{r}, nil
		}
		return nil, nil
	}
	return slices.Clone(object.indexOf(f).records[fold(key)]), nil
}

// check is what every write must pass, besides the object's own rules.
func (d *draft) check(options Options) error {
	var missing []string
	for _, f := range d.object.fields {
		if f.Required && at(d.values, f) == nil {
			missing = append(missing, f.Name)
		}
	}
	if missing != nil {
		return refuse(CodeRequiredMissing, "Required fields are missing: [%s]", strings.Join(missing, ", ")).on(missing...)
	}
	for _, f := range d.object.fields {
		if err := d.checkField(f); err != nil {
			return err
		}
	}
	return d.checkDuplicates(options)
}

func (d *draft) checkField(f *Field) error {
	value := at(d.values, f)
	key, ok := keyOf(value)
	if !ok || d.old != nil && at(d.old, f) == value {
		return nil
	}
	if f.Type == Reference && f.pos > posStamp {
		if parent := d.tx.target(f, fmt.Sprint(value)); parent == nil || parent.Deleted() {
			return refuse(CodeCrossReference, "invalid cross reference id").on(f.Name)
		}
	}
	if f.Unique {
		for _, other := range d.object.indexOf(f).records[key] {
			if other != d.record {
				return refuse(CodeDuplicateValue, "duplicate value found: %s duplicates value on record with id: %s", f.Name, other.id)
			}
		}
	}
	return nil
}
