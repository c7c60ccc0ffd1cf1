package badger

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4/table"
	"golang.org/x/sys/unix"
)

const (
	// maxMapped is from how many bytes of mapped files in memory on tables are given back.
	maxMapped = 52 << 20
	// maxAhead is from how many on whoever compacts has to do it, before going on.
	maxAhead = 100 << 20
	// maxBuilt is how many bytes of the newest tables stay in memory that a compaction
	// is about to finish: more than two usual ones have under way.
	maxBuilt = 64 << 20
	// maxAtOnce is how many bytes of tables are given back in one call, which nothing interrupts.
	maxAtOnce = 64 << 20
	// perGrip is by how many tables a grip serves once more, see serves.
	perGrip = 512
)

// trimmer gives memory back that only caches the store's files. Badger keeps
// every table mapped, and the kernel counts what was ever touched as this
// process's memory until somebody else wants it, so a store would seem to use as
// much memory as it has data. What is needed again comes from the kernel's cache
// of the files, which may keep them for as long as there is room.
type trimmer struct {
	log *slog.Logger
	// fills is how many tables compactions have filled since the last grip was taken.
	fills atomic.Int32

	mu sync.Mutex
	// store is nil before there is one, and again once it is about to be closed.
	store *Store
	grip  *grip
	seen  map[string]bool // the files of the tables when the last grip was taken
	out   map[string]bool // of those not yet finished, which were paged out
}

// grip keeps tables where they are mapped.
type grip struct {
	tables []mapped
	// serves is until how many tables compactions have filled, which it does not
	// hold, and for how many pairs of chores. To take a grip reads a page of every
	// table; but as long as one lasts, files and rows that were replaced stay. So
	// the more tables there are, the more often one serves.
	serves  int
	chores  int
	release func()
}

func (t *trimmer) begin(s *Store) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.store = s
}

// end waits for a look under way; there is none afterwards.
func (t *trimmer) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.letGo()
	t.store = nil
}

// chore looks whether there is memory to give back.
func (t *trimmer) chore() error {
	t.age()
	return t.look(maxMapped)
}

// age lets go of a grip that has been there for long enough.
func (t *trimmer) age() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.grip == nil {
		return
	}
	if t.grip.chores++; t.grip.chores >= 2*t.grip.serves {
		t.letGo()
	}
}

// filled is called by a compaction whenever it has filled a table. Two of them
// touch hundreds of MB a second with a dozen goroutines, among which a chore may
// wait for its turn for 300 ms, so they give back themselves what is too much.
func (t *trimmer) filled() {
	t.fills.Add(1)
	if n, err := mappedBytes(); err == nil && n < maxAhead {
		return
	}
	if err := t.look(maxAhead); err != nil {
		t.log.Warn(notSmall, "error", err)
	}
}

// look gives back what can be if at least this many bytes of files are in memory.
func (t *trimmer) look(from int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.store
	if s == nil {
		return nil
	}
	if n, err := mappedBytes(); err != nil || n < from || s.failure() != nil {
		return err
	}
	if t.grip.weak() || int(t.fills.Load()) >= t.grip.serves {
		if err := t.renew(); err != nil {
			return err
		}
	}
	t.grip.giveBack()
	return nil
}

// renew takes a new grip, and pages out what no grip can hold and is too much.
func (t *trimmer) renew() error {
	t.letGo()
	t.fills.Store(0)
	held, now, release, err := t.store.holdTables(t.seen)
	if err != nil {
		return err
	}
	t.seen, t.grip = now, &grip{serves: 1 + len(now)/perGrip, release: release}
	files, err := t.store.mappedTables()
	if err != nil {
		return err
	}
	var built []mapped
	for _, f := range files {
		switch {
		case held[f.name]:
			t.grip.add(f)
		case !now[f.name]:
			built = append(built, f)
		}
	}
	for _, f := range t.tooMany(built) {
		f.advise(unix.MADV_PAGEOUT)
	}
	return nil
}

// letGo ends the grip. That may delete files, and meanwhile memory fills up
// again, so it happens aside.
func (t *trimmer) letGo() {
	if t.grip != nil {
		t.store.workers.Go(t.grip.release)
		t.grip = nil
	}
}

// weak says that a new grip would hold more: this one holds what there was for the one before.
func (g *grip) weak() bool { return g == nil || len(g.tables) == 0 }

// giveBack takes its tables out of memory.
func (g *grip) giveBack() {
	for _, f := range g.tables {
		f.advise(unix.MADV_DONTNEED)
	}
}

// add adds a table, in the order of their addresses: neighbours are given back in one go.
func (g *grip) add(f mapped) {
	if n := len(g.tables); n > 0 && g.tables[n-1].end == f.start && f.end-g.tables[n-1].start <= maxAtOnce {
		g.tables[n-1].end = f.end
		return
	}
	g.tables = append(g.tables, f)
}

// tooMany are the oldest of the tables that are not finished, or were replaced
// and are still being read, and so cannot be held; each once.
func (t *trimmer) tooMany(built []mapped) (excess []mapped) {
	slices.SortFunc(built, func(a, b mapped) int { return -a.compare(b) })
	before := t.out
	t.out = make(map[string]bool)
	size := uintptr(0)
	for _, f := range built {
		if size += f.end - f.start; size <= maxBuilt {
			continue
		}
		t.out[f.name] = true
		if !before[f.name] {
			excess = append(excess, f)
		}
	}
	return excess
}

// holdTables keeps tables mapped where they are, until release, and names their
// files: those that were there before and are now, and so are among what an
// iterator found in between. That rests on three things of Badger's: an iterator
// refers to every table there is, a table's id is never used again, and a table
// stays mapped at one place.
func (s *Store) holdTables(before map[string]bool) (held, now map[string]bool, release func(), err error) {
	defer s.survive(&err)
	release = s.view.hold()
	now = s.tableFiles()
	held = make(map[string]bool, len(before))
	for file := range before {
		if now[file] {
			held[file] = true
		}
	}
	return held, now, release, nil
}

// tableFiles are the files of the tables that are part of the store. To ask for
// them reads a page of each.
func (s *Store) tableFiles() map[string]bool {
	tables := s.db.Tables()
	files := make(map[string]bool, len(tables))
	for i := range tables {
		files[table.IDToFilename(tables[i].ID)] = true
	}
	return files
}

// mapped is a table's file in memory.
type mapped struct {
	start, end uintptr
	name       string
}

// compare is positive if m is newer than o: names count up, from six digits on.
func (m mapped) compare(o mapped) int {
	return cmp.Or(cmp.Compare(len(m.name), len(o.name)), cmp.Compare(m.name, o.name))
}

// advise tells the kernel what to do with the memory of a table. For
// MADV_DONTNEED it must be held: anything else that came to its addresses would
// lose its contents. MADV_PAGEOUT destroys nothing, but the kernel's cache lets go
// of the file as well, and it is read from the disk again.
//
// Memory is wanted most while compactions keep every processor busy. A thread
// that says it may wait, as unix.Syscall does, may lose its processor to whoever
// wants it and queues for it again, for 100 ms and more; over hundreds of tables
// that is seconds. Neither advice waits for the disk, so it does not say it.
func (m mapped) advise(advice int) {
	// What is gone by now, or a kernel that does not know the advice, keeps its memory.
	_, _, _ = unix.RawSyscall(unix.SYS_MADVISE, m.start, m.end-m.start, uintptr(advice)) //nolint:errcheck // see above
}

// mappedTables are the tables that this process has mapped, finished or not.
func (s *Store) mappedTables() (tables []mapped, err error) {
	dir, err := filepath.EvalSymlinks(s.dir)
	if err != nil {
		return nil, fmt.Errorf("resolving %s: %w", s.dir, err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("resolving %s: %w", s.dir, err)
	}
	maps, err := readMaps()
	if err != nil {
		return nil, fmt.Errorf("listing mapped files: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		start, end, path := mapping(lines.Text())
		if filepath.Dir(path) == dir && filepath.Ext(path) == ".sst" {
			tables = append(tables, mapped{start, end, filepath.Base(path)})
		}
	}
	return tables, lines.Err()
}
