//go:build !linux

package hosttest_test

import "testing"

func smallDisk(t *testing.T, _ int) string {
	t.Helper()
	t.Skip("a small disk is mounted on Linux only")
	return ""
}

func makeReadOnly(*testing.T, string, bool) {}
