package badger

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

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
