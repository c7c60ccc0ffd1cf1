package badger

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"github.com/dgraph-io/badger/v4/table"
	"golang.org/x/sys/unix"
)

const (
	// maxMapped is from how many bytes of mapped files in memory on tables are given back.
	maxMapped = 52 << 20
	// maxBuilt is from how many on those are, too, that a compaction is about to finish:
	// more than two compactions usually have under way.
	maxBuilt = 128 << 20
)

// trimMapped returns the chore that gives memory back that only caches the store's
// files. Badger keeps every table mapped, and the kernel counts what was ever
// touched as this process's memory until somebody else wants it, so a store would
// seem to use as much memory as it has data. What is needed again comes from the
// kernel's cache of the files, which may keep them for as long as there is room.
func (s *Store) trimMapped() func() error {
	var seen map[string]bool // the files of the tables at the last look
	return func() error {
		if n, err := mappedBytes(); err != nil || n < maxMapped || s.failure() != nil {
			return err
		}
		held, now, release, err := s.holdTables(seen)
		if err != nil {
			return err
		}
		seen = now
		defer s.workers.Go(release) // it may have to delete files, and meanwhile memory fills up again
		return s.advise(unix.MADV_DONTNEED, func(file string) bool { return held[file] })
	}
}

// pageOut gives memory of tables back that a compaction is about to finish,
// which nothing can hold. It may wait for the disk.
func (s *Store) pageOut() (err error) {
	if n, err := mappedBytes(); err != nil || n < maxBuilt || s.failure() != nil {
		return err
	}
	defer s.survive(&err)
	finished := s.tableFiles()
	return s.advise(unix.MADV_PAGEOUT, func(file string) bool { return !finished[file] && filepath.Ext(file) == ".sst" })
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

// advise tells the kernel what to do with the memory of the store's files. For
// MADV_DONTNEED they must be held: anything else that came to their addresses
// would lose its contents. MADV_PAGEOUT destroys nothing, but the kernel's cache
// lets go of the files as well, and they are read from the disk again.
//
// Memory is wanted most while compactions keep every processor busy. A thread
// that says it may wait, as unix.Syscall does, may lose its processor to whoever
// wants it and queues for it again, for 100 ms and more; over hundreds of tables
// that is seconds. MADV_DONTNEED is over in microseconds, so it does not say it.
func (s *Store) advise(advice int, which func(file string) bool) error {
	call := unix.RawSyscall
	if advice != unix.MADV_DONTNEED {
		call = unix.Syscall
	}
	dir, err := filepath.EvalSymlinks(s.dir)
	if err != nil {
		return fmt.Errorf("resolving %s: %w", s.dir, err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return fmt.Errorf("resolving %s: %w", s.dir, err)
	}
	maps, err := readMaps()
	if err != nil {
		return fmt.Errorf("listing mapped files: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		start, end, path := mapping(lines.Text())
		if filepath.Dir(path) == dir && which(filepath.Base(path)) {
			// What is gone by now, or a kernel that does not know the advice, keeps its memory.
			_, _, _ = call(unix.SYS_MADVISE, start, end-start, uintptr(advice)) //nolint:errcheck // see above
		}
	}
	return lines.Err()
}

// readMaps returns what this process has mapped, see proc(5). The kernel gives a
// page of it at a time.
func readMaps() ([]byte, error) {
	fd, err := unix.Open("/proc/self/maps", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd) //nolint:errcheck // it was only read
	var maps []byte
	page := make([]byte, os.Getpagesize())
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(page))), uintptr(len(page))) //nolint:gosec // a buffer
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			return nil, errno
		case n == 0:
			return maps, nil
		default:
			maps = append(maps, page[:n]...)
		}
	}
}

// mappedBytes is how much memory the files have that this process maps.
func mappedBytes() (int, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("reading the memory in use: %w", err)
	}
	fields := bytes.Fields(b)
	if len(fields) < 3 {
		return 0, fmt.Errorf("reading the memory in use: %q", b)
	}
	pages, err := strconv.Atoi(string(fields[2]))
	if err != nil {
		return 0, fmt.Errorf("reading the memory in use: %w", err)
	}
	return pages * os.Getpagesize(), nil
}

// mapping reads a line of /proc/self/maps; path is "" if it is not of a file.
func mapping(line string) (start, end uintptr, path string) {
	at := strings.Index(line, "/")
	if at < 0 {
		return 0, 0, ""
	}
	span, _, _ := strings.Cut(line, " ")
	from, to, _ := strings.Cut(span, "-")
	first, errFirst := strconv.ParseUint(from, 16, 64)
	last, errLast := strconv.ParseUint(to, 16, 64)
	if errFirst != nil || errLast != nil {
		return 0, 0, ""
	}
	return uintptr(first), uintptr(last), line[at:]
}
