package org

import "time"

// Tx is a stretch of work on an org: a view, or a transaction.
type Tx struct {
	org  *Org
	user string
	now  time.Time
	// staff may write what the API may not.
	staff bool

	undo    []func()
	changes []Change
}

// Options change how a record is written.
type Options struct {
	// AllowDuplicates saves in spite of a duplicate rule that only alerts.
	AllowDuplicates bool
}

// AsStaff lets the transaction write read-only fields and choose ids.
func (tx *Tx) AsStaff() { tx.staff = true }

// Mark returns a point to roll back to.
func (tx *Tx) Mark() int { return len(tx.undo) }

// Rollback undoes everything since the mark.
func (tx *Tx) Rollback(mark int) {
	for i := len(tx.undo) - 1; i >= mark; i-- {
		tx.undo[i]()
	}
	tx.undo = tx.undo[:mark]
}

// Insert creates a record and returns its id.
func (tx *Tx) Insert(object *Object, fields map[string]any, options Options) (*Record, error) {
	d := &draft{tx: tx, object: object, values: make([]any, len(object.fields))}
	return tx.write(d, fields, options)
}

// Update changes the named fields of a record.
func (tx *Tx) Update(object *Object, id string, fields map[string]any, options Options) (*Record, error) {
	r, err := object.live(id)
	if err != nil {
		return nil, err
	}
	return tx.write(tx.edit(r), fields, options)
}

// Delete puts a record into the recycle bin.
func (tx *Tx) Delete(object *Object, id string) error {
	r, err := object.live(id)
	if err != nil {
		return err
	}
	d := tx.edit(r)
	d.values[posDeleted] = true
	tx.stamp(d)
	tx.save(d)
	return nil
}

// Place creates or changes a record of a known id: what staff does, and seeds.
func (tx *Tx) Place(name, id string, fields map[string]any) (*Record, error) {
	object, err := tx.Object(name)
	if err != nil {
		return nil, err
	}
	if !validID(id) || id[:3] != object.Prefix {
		return nil, refuse(CodeMalformedID, "an id of %s has 15 or 18 characters and begins with %s: %s", object.Name, object.Prefix, id)
	}
	if r := object.Find(id); r != nil {
		return tx.write(tx.edit(r), fields, Options{AllowDuplicates: true})
	}
	d := &draft{tx: tx, object: object, id: LongID(id), values: make([]any, len(object.fields))}
	return tx.write(d, fields, Options{AllowDuplicates: true})
}

func (tx *Tx) edit(r *Record) *draft {
	values := make([]any, len(r.Object.fields))
	copy(values, r.values)
	return &draft{tx: tx, object: r.Object, record: r, id: r.id, old: r.values, values: values}
}

// write checks and saves a draft. A refusal leaves nothing behind.
func (tx *Tx) write(d *draft, fields map[string]any, options Options) (*Record, error) {
	mark := tx.Mark()
	r, err := tx.tryWrite(d, fields, options)
	if err != nil {
		tx.Rollback(mark)
		return nil, err
	}
	return r, nil
}

func (tx *Tx) tryWrite(d *draft, fields map[string]any, options Options) (*Record, error) {
	if err := tx.lockRow(); err != nil {
		return nil, err
	}
	if err := d.assign(fields); err != nil {
		return nil, err
	}
	if err := d.derive(); err != nil {
		return nil, err
	}
	if err := d.check(options); err != nil {
		return nil, err
	}
	tx.stamp(d)
	r := tx.save(d)
	return r, tx.after(d, r)
}

func (tx *Tx) lockRow() error {
	if tx.org.locked == 0 || tx.staff {
		return nil
	}
	tx.org.locked--
	return refuse(CodeLockRow, "unable to obtain exclusive access to this record or 1 records")
}

// stamp sets the audit fields. Staff may have set SystemModstamp to a time of its own.
func (tx *Tx) stamp(d *draft) {
	if d.old == nil {
		if d.id == "" {
			d.id = tx.nextID(d.object)
		}
		d.values[posID] = d.id
		d.setDefault(posDeleted, false)
		d.setDefault(posCreated, tx.now)
		d.setDefault(posCreatedBy, tx.user)
	}
	for pos, value := range map[int]any{posModified: tx.now, posStamp: tx.now, posModifiedBy: tx.user} {
		if !tx.staff || !d.given(pos) {
			d.values[pos] = value
		}
	}
}

// given says whether the request itself set an audit field, as staff may.
func (d *draft) given(pos int) bool {
	var before any
	if d.old != nil {
		before = d.old[pos]
	}
	return compare(d.values[pos], before) != 0
}

func (tx *Tx) nextID(object *Object) string {
	for {
		tx.org.sequence[object.Prefix]++
		id := MakeID(object.Prefix, tx.org.sequence[object.Prefix])
		if object.byID[id] == nil {
			return id
		}
	}
}

// save puts the draft's values into the record and the indexes, and notes how to undo it.
func (tx *Tx) save(d *draft) *Record {
	r := d.record
	if r == nil {
		tx.org.written++
		r = &Record{Object: d.object, id: d.id, seq: tx.org.written, values: d.values}
		d.record = r
		d.object.records = append(d.object.records, r)
		d.object.byID[r.id] = r
		d.object.reindex(r, nil, d.values)
		tx.undo = append(tx.undo, func() { tx.forget(r) })
	} else {
		old := r.values
		r.values = d.values
		d.object.reindex(r, old, d.values)
		tx.undo = append(tx.undo, func() { r.Object.reindex(r, r.values, old); r.values = old })
	}
	tx.changes = append(tx.changes, Change{Record: r, Created: d.old == nil})
	undone := len(tx.changes) - 1
	tx.undo = append(tx.undo, func() { tx.changes = tx.changes[:undone] })
	return r
}

func (tx *Tx) forget(r *Record) {
	o := r.Object
	o.reindex(r, r.values, nil)
	delete(o.byID, r.id)
	o.records = o.records[:len(o.records)-1] // undone in reverse: it is the last one
}

// reindex moves r in the indexes that exist. nil or deleted values are in none.
func (o *Object) reindex(r *Record, old, values []any) {
	for _, f := range o.fields {
		ix := f.index.Load()
		if ix == nil {
			continue
		}
		before, after := indexed(old, f), indexed(values, f)
		if before != after {
			ix.remove(r, before)
			ix.add(r, after)
		}
	}
}

func indexed(values []any, f *Field) any {
	if len(values) == 0 || values[posDeleted] == true {
		return nil
	}
	value := at(values, f)
	if _, ok := keyOf(value); ok {
		return value
	}
	return nil
}
