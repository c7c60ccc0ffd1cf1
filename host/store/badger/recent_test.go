package badger

import (
	"strconv"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/store"
)

func TestRecentForgetsWhatWasChangedWhileItWasRead(t *testing.T) {
	old, changed := row{value: []byte("old")}, map[string]row{"k": {value: []byte("new")}}
	tests := map[string]func(m *recent){
		"a commit has ended":  func(m *recent) { m.begin(changed); m.end(true) },
		"a commit is open":    func(m *recent) { m.begin(changed) },
		"a commit has failed": func(m *recent) { m.begin(changed); m.end(false) },
	}
	for name, meanwhile := range tests {
		t.Run(name, func(t *testing.T) {
			m := newRecent()
			_, _, turn := m.get("k")
			meanwhile(m)
			m.learn("k", old, turn)
			if r, known, _ := m.get("k"); known {
				t.Errorf("knows %q", r.value)
			}
		})
	}
}

func TestRecentFollowsCommitsOfRowsThatItKnows(t *testing.T) {
	m := newRecent()
	for _, key := range []string{"replaced", "deleted", "expiring", "failed"} {
		_, _, turn := m.get(key)
		m.learn(key, row{value: []byte("old")}, turn)
	}
	m.begin(map[string]row{
		"replaced": {value: []byte("new")}, "deleted": {}, "expiring": {value: []byte("new"), expires: 1},
		"never read": {value: []byte("new")},
	})
	if _, known, _ := m.get("replaced"); known {
		t.Error("knows a row while it is committed")
	}
	m.end(true)
	m.begin(map[string]row{"failed": {value: []byte("new")}})
	m.end(false)

	if r, known, _ := m.get("replaced"); !known || string(r.value) != "new" {
		t.Errorf("replaced: %q, %v", r.value, known)
	}
	if r, known, _ := m.get("deleted"); !known || r.value != nil {
		t.Errorf("deleted: %q, %v", r.value, known)
	}
	for _, key := range []string{"expiring", "failed", "never read"} {
		if r, known, _ := m.get(key); known {
			t.Errorf("%s: knows %q", key, r.value)
		}
	}
}

func TestRecentIsBounded(t *testing.T) {
	m := newRecent()
	_, _, turn := m.get("")
	for i := range 100_000 {
		m.learn(strconv.Itoa(i), row{value: make([]byte, 300)}, turn)
	}
	bytes := 0
	for _, rows := range []map[string]row{m.young, m.old} {
		for key, r := range rows {
			bytes += len(key) + len(r.value) + recentCost
		}
	}
	if bytes > 2*recentBytes+recentRow || bytes < recentBytes {
		t.Errorf("holds %d bytes", bytes)
	}
	if _, known, _ := m.get("99999"); !known {
		t.Error("the newest row is forgotten")
	}
}

// Whoever has seen a row sees nothing older afterwards, however it is read.
func TestReadersNeverGoBack(t *testing.T) {
	s := openInternal(t)
	put(t, s, 0)
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() { watch(t, s, done) })
	}
	for i := range 300 {
		put(t, s, i+1)
	}
	close(done)
	readers.Wait()
}

// watch reads in turn with Scan and Get until done is closed.
func watch(t *testing.T, s *Store, done <-chan struct{}) {
	last := 0
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		read := scanned
		if i%2 == 0 {
			read = got
		}
		n := read(t, s)
		if n < last {
			t.Errorf("read %d after %d", n, last)
			return
		}
		last = n
	}
}

func put(t *testing.T, s *Store, n int) {
	t.Helper()
	var b store.Batch
	b.Put("n", []byte(strconv.Itoa(n)))
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func got(t *testing.T, s *Store) int {
	value, err := s.Get(t.Context(), "n")
	if err != nil {
		t.Error(err)
	}
	return number(t, value)
}

func scanned(t *testing.T, s *Store) (n int) {
	err := s.Scan(t.Context(), store.Range{Prefix: "n"}, func(_ string, value []byte) error {
		n = number(t, value)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

func number(t *testing.T, value []byte) int {
	n, err := strconv.Atoi(string(value))
	if err != nil {
		t.Error(err)
	}
	return n
}
