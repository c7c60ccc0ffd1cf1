package simkit

import (
	"slices"
	"sync"
)

// Collection keeps records in memory, in the order in which they were added,
// and finds them by id or by index without a walk. It is safe for concurrent use.
//
// Records are values: what goes in is not changed afterwards, and what comes
// out must not be. To change a record, Update replaces it.
type Collection[T any] struct {
	mu      sync.RWMutex
	slots   []slot[T] // deleted ones stay until half of them are gone
	byID    map[string]int
	deleted int
	indexes map[string]*index[T]
}

type slot[T any] struct {
	id    string
	value T
	live  bool
}

// index finds the slots of a key; positions are kept sorted.
type index[T any] struct {
	keys  func(T) []string
	slots map[string][]int
}

// NewCollection returns an empty collection.
func NewCollection[T any]() *Collection[T] {
	return &Collection[T]{byID: map[string]int{}, indexes: map[string]*index[T]{}}
}

// Index adds an index: keys returns what a record is found by. It is called
// before any record is added.
func (c *Collection[T]) Index(name string, keys func(T) []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.indexes[name] = &index[T]{keys: keys, slots: map[string][]int{}}
}

// Len returns how many records there are.
func (c *Collection[T]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.byID)
}

// Get returns the record of that id.
func (c *Collection[T]) Get(id string) (T, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	at, ok := c.byID[id]
	if !ok {
		var zero T
		return zero, false
	}
	return c.slots[at].value, true
}

// Find returns the records that the named index has under key, oldest first.
func (c *Collection[T]) Find(name, key string) []T {
	c.mu.RLock()
	defer c.mu.RUnlock()
	found := c.indexes[name].slots[key]
	records := make([]T, 0, len(found))
	for _, at := range found {
		records = append(records, c.slots[at].value)
	}
	return records
}

// Select returns the records that keep says yes to, oldest first; nil keeps all.
func (c *Collection[T]) Select(keep func(T) bool) []T {
	c.mu.RLock()
	defer c.mu.RUnlock()
	records := []T{}
	for i := range c.slots {
		if s := &c.slots[i]; s.live && (keep == nil || keep(s.value)) {
			records = append(records, s.value)
		}
	}
	return records
}

// Put adds a record or replaces the one of that id, which keeps its place.
func (c *Collection[T]) Put(id string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(id, value)
}

// Update replaces the record of that id by what change makes of it, with nobody
// in between; found is false if there is none. An error of change leaves it as it was.
func (c *Collection[T]) Update(id string, change func(T) (T, error)) (value T, found bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.byID[id]
	if !ok {
		return value, false, nil
	}
	value, err = change(c.slots[at].value)
	if err != nil {
		return c.slots[at].value, true, err
	}
	c.put(id, value)
	return value, true, nil
}

// Delete removes the record of that id and says whether there was one.
func (c *Collection[T]) Delete(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.byID[id]
	if !ok {
		return false
	}
	c.unindex(at)
	c.slots[at] = slot[T]{}
	delete(c.byID, id)
	c.deleted++
	if c.deleted > len(c.slots)/2 {
		c.compact()
	}
	return true
}

func (c *Collection[T]) put(id string, value T) {
	at, ok := c.byID[id]
	if ok {
		c.unindex(at)
	} else {
		at = len(c.slots)
		c.slots = append(c.slots, slot[T]{})
		c.byID[id] = at
	}
	c.slots[at] = slot[T]{id: id, value: value, live: true}
	c.index(at)
}

func (c *Collection[T]) index(at int) {
	for _, ix := range c.indexes {
		for _, key := range ix.keys(c.slots[at].value) {
			found := ix.slots[key]
			place, there := slices.BinarySearch(found, at)
			if !there {
				ix.slots[key] = slices.Insert(found, place, at)
			}
		}
	}
}

func (c *Collection[T]) unindex(at int) {
	for _, ix := range c.indexes {
		for _, key := range ix.keys(c.slots[at].value) {
			found := ix.slots[key]
			if place, there := slices.BinarySearch(found, at); there {
				found = slices.Delete(found, place, place+1)
			}
			if len(found) == 0 {
				delete(ix.slots, key)
				continue
			}
			ix.slots[key] = found
		}
	}
}

// compact drops the slots of deleted records, and so moves the others.
func (c *Collection[T]) compact() {
	c.slots = slices.DeleteFunc(c.slots, func(s slot[T]) bool { return !s.live })
	c.deleted = 0
	for _, ix := range c.indexes {
		clear(ix.slots)
	}
	for at := range c.slots {
		c.byID[c.slots[at].id] = at
		c.index(at)
	}
}
