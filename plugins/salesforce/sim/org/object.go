package org

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Object is a kind of record.
type Object struct {
	Name   string
	Prefix string

	fields        []*Field
	byName        map[string]*Field
	relationships map[string]*Field
	records       []*Record // in order of creation, deleted ones too
	byID          map[string]*Record
	indexing      sync.Mutex
}

func newObject(name, prefix string) *Object {
	o := &Object{
		Name: name, Prefix: prefix,
		byName: map[string]*Field{}, relationships: map[string]*Field{}, byID: map[string]*Record{},
	}
	o.addAudit()
	return o
}

func (o *Object) addAudit() {
	for _, f := range []*Field{
		{Name: fieldID, Type: ID, Length: 18, ReadOnly: true},
		{Name: "IsDeleted", Type: Boolean, ReadOnly: true},
		{Name: "CreatedDate", Type: DateTime, ReadOnly: true},
		{Name: "CreatedById", Type: Reference, Target: objectUser, Relationship: "CreatedBy", ReadOnly: true},
		{Name: "LastModifiedDate", Type: DateTime, ReadOnly: true},
		{Name: "LastModifiedById", Type: Reference, Target: objectUser, Relationship: "LastModifiedBy", ReadOnly: true},
		{Name: "SystemModstamp", Type: DateTime, ReadOnly: true},
	} {
		o.add(f)
	}
}

// Positions of the audit fields in Record.values: every object begins with them.
const (
	posID = iota
	posDeleted
	posCreated
	posCreatedBy
	posModified
	posModifiedBy
	posStamp
)

// add adds a field, or replaces the one of that name and keeps its values.
func (o *Object) add(f *Field) {
	key := strings.ToLower(f.Name)
	if old := o.byName[key]; old != nil {
		f.pos = old.pos
		o.fields[f.pos] = f
	} else {
		f.pos = len(o.fields)
		o.fields = append(o.fields, f)
	}
	o.byName[key] = f
	if f.Relationship != "" {
		o.relationships[strings.ToLower(f.Relationship)] = f
	}
	if f.Unique || f.ExternalID {
		o.indexOf(f)
	}
}

// Custom says whether the org's admin made it.
func (o *Object) Custom() bool { return strings.HasSuffix(o.Name, "__c") }

// Field returns the field of that name, compared without case; nil if there is none.
func (o *Object) Field(name string) *Field {
	if f, ok := o.byName[name]; ok { // names that are lower case already
		return f
	}
	return o.byName[strings.ToLower(name)]
}

// Fields returns the fields in the order of the schema.
func (o *Object) Fields() []*Field { return slices.Clone(o.fields) }

// noColumn is also what a missing field right looks like.
func (o *Object) noColumn(name string) *Error {
	return refuse(CodeInvalidField, "No such column '%s' on sobject of type %s", name, o.Name)
}

// Find returns the record of that id, 15 or 18 characters; nil if there never was one.
func (o *Object) Find(id string) *Record { return o.byID[LongID(id)] }

func (o *Object) live(id string) (*Record, error) {
	if !validID(id) {
		return nil, refuse(CodeMalformedID, "malformed id %s", id)
	}
	r := o.Find(id)
	if r == nil {
		return nil, notFound()
	}
	if r.Deleted() {
		e := refuse(CodeDeleted, "entity is deleted")
		e.Status = 404
		return nil, e
	}
	return r, nil
}

// index maps a folded value to the live records that hold it.
type index struct{ records map[string][]*Record }

// indexOf returns the index of f, building it on first use. It may be called
// by several readers at once; writers keep it up to date.
func (o *Object) indexOf(f *Field) *index {
	if ix := f.index.Load(); ix != nil {
		return ix
	}
	o.indexing.Lock()
	defer o.indexing.Unlock()
	if ix := f.index.Load(); ix != nil {
		return ix
	}
	ix := &index{records: map[string][]*Record{}}
	for _, r := range o.records {
		if !r.Deleted() {
			ix.add(r, r.get(f))
		}
	}
	f.index.Store(ix)
	return ix
}

func (ix *index) add(r *Record, value any) {
	if key, ok := keyOf(value); ok {
		ix.records[key] = append(ix.records[key], r)
	}
}

func (ix *index) remove(r *Record, value any) {
	key, ok := keyOf(value)
	if !ok {
		return
	}
	left := slices.DeleteFunc(ix.records[key], func(other *Record) bool { return other == r })
	if len(left) == 0 {
		delete(ix.records, key)
		return
	}
	ix.records[key] = left
}

// keyOf returns what an index knows a value by. A number may be an external id, too.
func keyOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return fold(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

func fold(s string) string { return strings.ToLower(s) }
