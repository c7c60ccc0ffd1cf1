//go:build !linux

package storetest

import "testing"

// SmallDisk skips the test.
func SmallDisk(t *testing.T, _ int) string {
	t.Helper()
	t.Skip("a small disk is mounted on Linux only")
	return ""
}

// SetReadOnly does nothing.
func SetReadOnly(*testing.T, string, bool) {}
