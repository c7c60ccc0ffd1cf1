package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host/store"
)

var modelPromises = map[string]func(fixture){
	"random-operations": randomOperationsMatchTheModel,
}

// model is what a store should hold, in the plainest form. All its keys begin
// with space, so that one store serves every run.
type model struct {
	f     fixture
	space string
	rows  map[string]modelRow
}

type modelRow struct {
	value   string
	expires time.Time
}

func randomOperationsMatchTheModel(f fixture) {
	runs := 0
	rapid.Check(f.T, func(t *rapid.T) {
		runs++
		m := &model{f: f, space: fmt.Sprintf("%06d/", runs), rows: map[string]modelRow{}}
		t.Repeat(map[string]func(*rapid.T){
			"commit": m.commit,
			"get":    m.get,
			"scan":   m.scan,
			"clock":  m.advance,
		})
	})
}

var (
	anyKey   = rapid.StringMatching(`[ab\x00\x{ff}]{0,3}`)
	anyValue = rapid.StringMatching(`[xy]{0,2}`)
)

func (m *model) key(t *rapid.T, label string) string { return m.space + anyKey.Draw(t, label) }

// alive returns the row of key, if its time has not come.
func (m *model) alive(key string) (modelRow, bool) {
	r, there := m.rows[key]
	return r, there && (r.expires.IsZero() || r.expires.After(m.f.clock.Now()))
}

func (m *model) commit(t *rapid.T) {
	var b store.Batch
	holds := true
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		holds = m.condition(t, &b) && holds
	}
	next := m.mutations(t, &b)
	err := m.f.store.Commit(m.f.Context(), b)
	if holds && err != nil || !holds && !errors.Is(err, store.ErrConflict) {
		t.Fatalf("commit %+v: %v, conditions hold: %v", b, err, holds)
	}
	if holds {
		m.rows = next
	}
}

// condition adds one that holds or one at random, and says whether it holds.
func (m *model) condition(t *rapid.T, b *store.Batch) bool {
	key := m.key(t, "condition")
	r, there := m.alive(key)
	if rapid.Bool().Draw(t, "absent") {
		b.Absent(key)
		return !there
	}
	value := anyValue.Draw(t, "expected")
	if there && rapid.Bool().Draw(t, "right") {
		value = r.value
	}
	b.Holds(key, []byte(value))
	return there && value == r.value
}

func (m *model) mutations(t *rapid.T, b *store.Batch) map[string]modelRow {
	next := make(map[string]modelRow, len(m.rows))
	for k, r := range m.rows {
		next[k] = r
	}
	keys := rapid.SliceOfNDistinct(anyKey, 0, 4, rapid.ID).Draw(t, "keys")
	for _, k := range keys {
		k = m.space + k
		r := modelRow{value: anyValue.Draw(t, "value")}
		switch rapid.IntRange(0, 3).Draw(t, "mutation") {
		case 0:
			b.Delete(k)
			delete(next, k)
			continue
		case 1:
			until := m.f.clock.Now().Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "ttl")) * time.Second)
			b.PutUntil(k, []byte(r.value), until)
			r.expires = until.Add(time.Second - time.Nanosecond).Truncate(time.Second)
		default:
			b.Put(k, []byte(r.value))
		}
		next[k] = r
	}
	return next
}

func (m *model) get(t *rapid.T) {
	key := m.key(t, "key")
	want, there := m.alive(key)
	got, err := m.f.store.Get(m.f.Context(), key)
	if there && (err != nil || string(got) != want.value) || !there && !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("get %q = %q, %v, want %+v there %v", key, got, err, want, there)
	}
}

func (m *model) scan(t *rapid.T) {
	r := store.Range{
		Prefix:  m.key(t, "prefix"),
		Limit:   rapid.IntRange(0, 3).Draw(t, "limit"),
		Reverse: rapid.Bool().Draw(t, "reverse"),
	}
	if rapid.Bool().Draw(t, "bounded") {
		r.From, r.To = m.key(t, "from"), m.key(t, "to")
	}
	got, err := scan(m.f.Context(), m.f.store, r)
	if err != nil {
		t.Fatalf("scan %+v: %v", r, err)
	}
	if diff := cmp.Diff(m.within(r), got, cmp.AllowUnexported(row{})); diff != "" {
		t.Fatalf("scan %+v: (-want +got)\n%s", r, diff)
	}
}

// within is a scan of the model.
func (m *model) within(r store.Range) []row {
	rows := []row{}
	for k := range m.rows {
		v, alive := m.alive(k)
		if alive && strings.HasPrefix(k, r.Prefix) && k >= r.From && (r.To == "" || k < r.To) {
			rows = append(rows, row{k, v.value})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.key, b.key) })
	if r.Reverse {
		slices.Reverse(rows)
	}
	if r.Limit > 0 && len(rows) > r.Limit {
		rows = rows[:r.Limit]
	}
	return rows
}

func (m *model) advance(t *rapid.T) {
	m.f.clock.advance(time.Duration(rapid.IntRange(0, 2500).Draw(t, "ms")) * time.Millisecond)
}
