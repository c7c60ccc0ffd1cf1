package pluginbuild

import (
	"os"
	"path/filepath"
	"testing"
)

// Who waited for the lock of a slot that was dropped meanwhile does not take the
// lock of what is gone, and is in nobody's way.
func TestLockOfDroppedSlotIsTakenAnew(t *testing.T) {
	slot, grave := filepath.Join(t.TempDir(), "slot"), filepath.Join(t.TempDir(), "grave")
	file := filepath.Join(slot, lockName)
	held, err := lock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	waits, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer waits.Close()
	if err := moveLocked(held, slot, grave); err != nil {
		t.Skip("a folder with an open file stays here: ", err)
	}
	if taken, err := tryLock(waits); !taken || isStill(waits, file) {
		t.Errorf("the old lock is free: %v, %v, and its file is there still", taken, err)
	}
	again, err := lock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if other, err := attempt(file); other != nil || err != nil {
		t.Errorf("the new lock was taken twice, %v", err)
	}
}
