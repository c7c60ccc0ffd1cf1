package org

import (
	"crypto/md5"
	"strings"
	"time"
)

// Record is one record. Its values are replaced as a whole on each change, so
// that a reader never sees half of one.
type Record struct {
	Object *Object

	id     string
	seq    int
	values []any // string, float64, bool, time.Time, []byte or nil
}

// ID returns the record's id, 18 characters.
func (r *Record) ID() string { return r.id }

// Deleted says whether the record is in the recycle bin.
func (r *Record) Deleted() bool { return r.values[posDeleted] == true }

// Modified returns SystemModstamp.
func (r *Record) Modified() time.Time {
	at, _ := r.values[posStamp].(time.Time) //nolint:errcheck // always set
	return at
}

// Created returns CreatedDate.
func (r *Record) Created() time.Time {
	at, _ := r.values[posCreated].(time.Time) //nolint:errcheck // always set
	return at
}

// Text returns a text field's value, empty if there is none.
func (r *Record) Text(name string) string {
	text, _ := r.value(name).(string) //nolint:errcheck // empty is what is meant
	return text
}

// Blob returns a base64 field's bytes.
func (r *Record) Blob(name string) []byte {
	blob, _ := r.value(name).([]byte) //nolint:errcheck // empty is what is meant
	return blob
}

func (r *Record) value(name string) any {
	f := r.Object.Field(name)
	if f == nil {
		return nil
	}
	return r.get(f)
}

// get allows for fields that were added after the record was written.
func (r *Record) get(f *Field) any { return at(r.values, f) }

func at(values []any, f *Field) any {
	if f.pos < len(values) && values[f.pos] != nil {
		return values[f.pos]
	}
	if f.Type == Boolean { // a checkbox is never null
		return false
	}
	return nil
}

func checksum(blob []byte) string {
	sum := md5.Sum(blob) //nolint:gosec // ContentVersion.Checksum is MD5
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range sum {
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}
