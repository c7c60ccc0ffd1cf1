package badger

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxMapped is from how many bytes of mapped files in memory on they are given back.
const maxMapped = 128 << 20

// hotTail is the end of each file that stays: a table has its index and filter there.
const hotTail = 128 << 10

// trimMapped gives memory back that only caches the store's files. Badger keeps
// every table mapped, and the kernel counts what was ever touched as this
// process's memory until somebody else wants it, so a store would seem to use as
// much memory as it has data. Whatever is needed again is read again.
func (s *Store) trimMapped() error {
	if n, err := mappedBytes(); err != nil || n < maxMapped {
		return err
	}
	dir, err := filepath.EvalSymlinks(s.dir)
	if err != nil {
		return fmt.Errorf("resolving %s: %w", s.dir, err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return fmt.Errorf("resolving %s: %w", s.dir, err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("listing mapped files: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		if start, end, ok := tableMapping(lines.Text(), dir); ok && end-start > hotTail {
			// The advice destroys nothing, whatever has that address by now. A kernel
			// that does not know it answers EINVAL, and nothing is given back.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start-hotTail, unix.MADV_PAGEOUT) //nolint:errcheck // see above
		}
	}
	return lines.Err()
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

// tableMapping reads a line of /proc/self/maps and says whether it is one of dir's tables.
func tableMapping(line, dir string) (start, end uintptr, ok bool) {
	path := strings.Index(line, "/")
	if path < 0 || filepath.Dir(line[path:]) != dir || filepath.Ext(line) != ".sst" {
		return 0, 0, false
	}
	span, _, _ := strings.Cut(line, " ")
	from, to, _ := strings.Cut(span, "-")
	first, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	last, err := strconv.ParseUint(to, 16, 64)
	return uintptr(first), uintptr(last), err == nil
}
