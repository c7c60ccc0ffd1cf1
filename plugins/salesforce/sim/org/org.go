// Package org is the data of a simulated Salesforce org: objects, fields and
// records, and the rules that guard them. It speaks no HTTP.
//
// It is written from the platform's documents and knows nothing of the connector.
package org

import (
	"strings"
	"sync"
	"time"
)

// Ids that exist in every simulated org.
var (
	OrganizationID  = MakeID("00D", 1)
	IntegrationUser = MakeID("005", 1)
	StaffUser       = MakeID("005", 2)
	StandardBook    = MakeID("01s", 1)
)

// Org is an org. It may be used by several goroutines: see [Org.Read] and [Org.Write].
type Org struct {
	clock   func() time.Time
	changed func([]Change)

	mu         sync.RWMutex
	objects    map[string]*Object
	order      []*Object
	sequence   map[string]int // last number given out, by prefix
	written    int
	locked     int
	duplicates []DuplicateRule
}

// Change is a record that a committed transaction created or updated.
type Change struct {
	Record  *Record
	Created bool
}

// New returns an org that holds its organization, two users and the standard
// price book. changed is called after each commit that changed records, in the
// order of commits; it must not call back into the org.
func New(clock func() time.Time, changed func([]Change)) (*Org, error) {
	objects, err := parseSchema(schemaText)
	if err != nil {
		return nil, err
	}
	o := &Org{
		clock: clock, changed: changed, objects: map[string]*Object{}, sequence: map[string]int{},
	}
	for _, object := range objects {
		o.objects[fold(object.Name)] = object
		o.order = append(o.order, object)
	}
	if err := o.furnish(); err != nil {
		return nil, err
	}
	return o, nil
}

// furnish writes the records that no org is without.
func (o *Org) furnish() error {
	return o.Write(IntegrationUser, func(tx *Tx) error {
		tx.staff = true
		for _, r := range []struct {
			object, id string
			fields     map[string]any
		}{
			{"Organization", OrganizationID, map[string]any{"Name": "結びの店", "IsSandbox": true, "InstanceName": "SIM1", "DefaultLocaleSidKey": "ja_JP", "TimeZoneSidKey": "Asia/Tokyo"}},
			{objectUser, IntegrationUser, map[string]any{"Name": "Musubi", "Username": "integration@example.com", "Email": "integration@example.com", "IsActive": true}},
			{objectUser, StaffUser, map[string]any{"Name": "店舗 担当", "Username": "staff@example.com", "Email": "staff@example.com", "IsActive": true}},
			{"Pricebook2", StandardBook, map[string]any{"Name": "Standard Price Book", "IsStandard": true, "IsActive": true}},
		} {
			if _, err := tx.Place(r.object, r.id, r.fields); err != nil {
				return err
			}
		}
		return nil
	})
}

// Read calls do with a view that nothing changes meanwhile.
func (o *Org) Read(do func(*Tx) error) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return do(&Tx{org: o})
}

// Write calls do with the sole right to change the org, as the given user.
// An error undoes everything that do changed.
func (o *Org) Write(user string, do func(*Tx) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	tx := &Tx{org: o, user: user, now: o.clock().UTC().Truncate(time.Second)}
	if err := do(tx); err != nil {
		tx.Rollback(0)
		return err
	}
	if len(tx.changes) > 0 && o.changed != nil {
		o.changed(tx.changes)
	}
	return nil
}

// Define adds an object or fields to one, as an admin does in Setup.
func (o *Org) Define(name string, fields []*Field) {
	o.mu.Lock()
	defer o.mu.Unlock()
	object := o.objects[fold(name)]
	if object == nil {
		object = newObject(name, customPrefix(len(o.order)))
		object.add(&Field{Name: "Name", Type: String, Length: 80})
		o.objects[fold(name)] = object
		o.order = append(o.order, object)
	}
	for _, f := range fields {
		object.add(f)
	}
}

func customPrefix(n int) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	return "a" + string(digits[n/len(digits)%len(digits)]) + string(digits[n%len(digits)])
}

// SetDuplicateRules replaces the org's duplicate rules.
func (o *Org) SetDuplicateRules(rules []DuplicateRule) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.duplicates = rules
}

// DuplicateRules returns the org's duplicate rules.
func (o *Org) DuplicateRules() []DuplicateRule {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.duplicates
}

// LockRows makes the next n writes of a record fail with UNABLE_TO_LOCK_ROW.
func (o *Org) LockRows(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.locked = n
}

// Objects returns the objects in the order of the schema.
func (tx *Tx) Objects() []*Object { return tx.org.order }

// Object returns the object of that name, compared without case.
func (tx *Tx) Object(name string) (*Object, error) {
	if object := tx.org.objects[strings.ToLower(name)]; object != nil {
		return object, nil
	}
	return nil, notFound()
}

// target returns the record that a reference points at; nil if it is gone.
func (tx *Tx) target(f *Field, id string) *Record {
	if f.Target != anyObject {
		object := tx.org.objects[fold(f.Target)]
		if object == nil {
			return nil
		}
		return object.byID[id]
	}
	for _, object := range tx.org.order {
		if object.Prefix == id[:3] {
			return object.byID[id]
		}
	}
	return nil
}
