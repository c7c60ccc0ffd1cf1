package storetest

import (
	"fmt"
	"syscall"
	"testing"
)

// SmallDisk mounts a file system of size bytes, or skips the test where that is not allowed.
func SmallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("mounting a small disk needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}

// SetReadOnly lets nobody write to such a disk, or everybody again.
func SetReadOnly(t *testing.T, disk string, readOnly bool) {
	t.Helper()
	flags := uintptr(syscall.MS_REMOUNT)
	if readOnly {
		flags |= syscall.MS_RDONLY
	}
	must(t, syscall.Mount("", disk, "", flags, ""))
}
