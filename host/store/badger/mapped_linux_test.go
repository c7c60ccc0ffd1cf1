package badger

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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
	files, _, release, err := s.holdTables(s.tableFiles())
	if err != nil || len(files) == 0 {
		t.Fatalf("holds %v: %v", files, err)
	}
	defer release()
	if err := s.advise(unix.MADV_DONTNEED, func(file string) bool { return files[file] }); err != nil {
		t.Fatal(err)
	}
	if kB := resident(t, dir); kB != 0 {
		t.Errorf("%d kB of tables are still in memory", kB)
	}
	if after := readAll(t, s); before != rows || after != rows {
		t.Errorf("read %d rows before and %d after, want %d", before, after, rows)
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
