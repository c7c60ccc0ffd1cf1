package badger

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4/table"

	"github.com/musubi-run/musubi/host/store"
)

func TestTablesLeaveMemoryAndStayReadable(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const rows = 5_000
	fill(t, dir, rows)
	s, err := Open(Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	before := readAll(t, s)
	if resident(t, dir) == 0 {
		t.Fatal("no table is in memory after it was read")
	}
	for range 2 { // a table must have been there at the look before
		if err := s.trim.look(0); err != nil {
			t.Fatal(err)
		}
	}
	if kB := resident(t, dir); kB != 0 {
		t.Errorf("%d kB of tables are still in memory", kB)
	}
	if after := readAll(t, s); before != rows || after != rows {
		t.Errorf("read %d rows before and %d after, want %d", before, after, rows)
	}
}

// A grip serves many looks, and is let go so that replaced tables can be deleted.
func TestGripEndsByItself(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 1_000)
	s, err := Open(Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	trim := &trimmer{log: s.log, store: s}
	defer trim.end()
	look := func() *grip {
		t.Helper()
		if err := trim.look(0); err != nil {
			t.Fatal(err)
		}
		return trim.grip
	}
	if !look().weak() {
		t.Error("a grip holds tables that may not have been there for the one before")
	}
	first := look()
	if first.weak() || look() != first {
		t.Errorf("the grip %+v does not serve two looks", first)
	}
	first.serves = 3 // as if there were many tables
	trim.fills.Store(2)
	if look() != first {
		t.Error("a grip is renewed too early")
	}
	trim.fills.Store(3)
	second := look()
	if second == first {
		t.Error("a grip outlives the tables that compactions make")
	}
	second.serves = 3
	for range 5 {
		trim.age()
	}
	if trim.grip != second {
		t.Error("a grip is let go before its time")
	}
	if trim.age(); trim.grip != nil {
		t.Error("a grip is not let go")
	}
}

func TestNeighboursLeaveMemoryInOneGo(t *testing.T) {
	var g grip
	for _, f := range []mapped{{start: 1, end: 3}, {start: 3, end: 4}, {start: 5, end: 6}, {start: 6, end: 7 + maxAtOnce}} {
		g.add(f)
	}
	if want := []mapped{{start: 1, end: 4}, {start: 5, end: 6}, {start: 6, end: 7 + maxAtOnce}}; !slices.Equal(g.tables, want) {
		t.Errorf("given back at once: %v, want %v", g.tables, want)
	}
}

// Tables that nothing can hold leave memory from the oldest on, each once.
func TestTooManyUnfinishedTables(t *testing.T) {
	const size = maxBuilt / 4
	built := func(ids ...uint64) (files []mapped) {
		for _, id := range ids {
			files = append(files, mapped{end: size, name: table.IDToFilename(id)})
		}
		return files
	}
	trim := &trimmer{}
	for _, look := range []struct{ built, want []mapped }{
		{built(1_000_000, 999_998, 1_000_001, 999_999), nil},
		{built(999_997, 999_998, 999_999, 1_000_000, 1_000_001, 1_000_002), built(999_998, 999_997)},
		{built(999_998, 999_999, 1_000_000, 1_000_001, 1_000_002, 1_000_003), built(999_999)},
		{built(1_000_003), nil},
	} {
		if got := trim.tooMany(look.built); !slices.Equal(got, look.want) {
			t.Errorf("of %v there are too many: %v, want %v", look.built, got, look.want)
		}
	}
}

func readAll(t *testing.T, s *Store) (rows int) {
	t.Helper()
	err := s.Scan(t.Context(), store.Range{}, func(key string, value []byte) error {
		if want := bytes.Repeat([]byte{byte(rows)}, 1000); key != fmt.Sprintf("%08d", rows) || !bytes.Equal(value, want) {
			return fmt.Errorf("row %d is %q: %.10x", rows, key, value)
		}
		rows++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// resident is how many kB of the tables in dir are in this process's memory.
func resident(t *testing.T, dir string) (kB int) {
	t.Helper()
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	ours := false
	for lines := bufio.NewScanner(bytes.NewReader(smaps)); lines.Scan(); {
		line := lines.Text()
		if strings.Contains(strings.Fields(line)[0], "-") { // the first line of a mapping
			_, _, path := mapping(line)
			ours = filepath.Dir(path) == dir && filepath.Ext(path) == ".sst"
		}
		var n int
		if _, err := fmt.Sscanf(line, "Rss: %d kB", &n); err == nil && ours {
			kB += n
		}
	}
	return kB
}
