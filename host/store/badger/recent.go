package badger

import (
	"bytes"
	"strings"
	"sync"
)

const (
	// recentBytes bounds one of the two generations of rows that are remembered.
	recentBytes = 4 << 20
	// recentRow is how long a row may be that is remembered.
	recentRow = 4 << 10
	// recentCost is about what remembering a row takes besides its bytes.
	recentCost = 96
)

// row is what a key holds; a nil value is that of a row that is not there.
type row struct {
	value   []byte
	expires uint64 // in seconds, 0 for never
}

// at is the row as of now.
func (r row) at(now uint64) row {
	if r.expires != 0 && r.expires <= now {
		return row{}
	}
	return r
}

// memorable rows are small, and do not vanish by themselves.
func (r row) memorable(key string) bool {
	return r.expires == 0 && len(key)+len(r.value) <= recentRow
}

// recent remembers rows that were read lately, as they are now. Badger looks
// for a key on every level, because a newer version may be on any of them; most
// rows, though, are read, demanded and replaced several times within moments.
// A row that nobody has read is not taken in when it is written.
//
// There are two generations: when the young one is full it becomes the old one,
// and what the old one held is forgotten.
type recent struct {
	mu         sync.Mutex
	young, old map[string]row
	size       int
	// writing are the rows of the commit that is under way. Nobody can tell
	// whether a reader sees them yet.
	writing map[string]row
	// turn changes when a commit begins and when it ends.
	turn uint64
}

func newRecent() *recent { return &recent{young: make(map[string]row)} }

// get returns the row if it is known; else the turn, for learn. The value is
// shared and must not be changed.
func (m *recent) get(key string) (r row, known bool, turn uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, open := m.writing[key]; open {
		return row{}, false, m.turn
	}
	if r, known = m.young[key]; known {
		return r, true, m.turn
	}
	if r, known = m.old[key]; known {
		m.set(key, r)
	}
	return r, known, m.turn
}

// learn remembers a row as it was read since that turn, unless it may have
// changed meanwhile.
func (m *recent) learn(key string, r row, turn uint64) {
	if !r.memorable(key) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, open := m.writing[key]; open || turn != m.turn {
		return
	}
	m.set(strings.Clone(key), row{value: bytes.Clone(r.value)})
}

// begin says that these rows are about to be committed.
func (m *recent) begin(rows map[string]row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	m.writing = rows
}

// end says whether they are now the current ones, of those that are known.
func (m *recent) end(committed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	for key, r := range m.writing {
		if !m.knows(key) {
			continue
		}
		if committed && r.memorable(key) {
			m.set(key, row{value: bytes.Clone(r.value)})
			continue
		}
		m.forget(key)
	}
	m.writing = nil
}

func (m *recent) knows(key string) bool {
	if _, known := m.young[key]; known {
		return true
	}
	_, known := m.old[key]
	return known
}

// set makes the row one of the young generation.
func (m *recent) set(key string, r row) {
	if before, known := m.young[key]; known {
		m.size -= len(before.value)
	} else {
		m.size += len(key) + recentCost
	}
	m.size += len(r.value)
	m.young[key] = r
	if m.size > recentBytes {
		m.old, m.young, m.size = m.young, make(map[string]row, len(m.young)), 0
	}
}

func (m *recent) forget(key string) {
	if before, known := m.young[key]; known {
		m.size -= len(before.value) + len(key) + recentCost
		delete(m.young, key)
	}
	delete(m.old, key)
}
