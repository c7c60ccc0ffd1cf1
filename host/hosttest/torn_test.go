package hosttest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host/hosttest"
)

// The power goes while rows are being written that nobody was told of yet: what
// of them reached the disk is the beginning of a record. The host starts by
// itself, and everything that it acknowledged is there once.
func TestTornLastWrite(t *testing.T) {
	t.Parallel()
	h := startNotes(t, func(o *hosttest.Options) { o.Process = true })
	before := len(leads(t, h))
	s := newSender(t, h, crashKeys)
	for _, torn := range []int{1, 30, 300} {
		s.start()
		s.wait()
		h.Kill()
		tear(t, filepath.Join(h.Dir, "data", "store"), torn)
		h.Restart()
		s.start()
		finish(t, h, s, before)
		s.events += crashKeys
	}
}

// tear writes the beginning of a record behind the last one of the store's newest log.
func tear(t *testing.T, dir string, count int) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no log in %s: %v", dir, err)
	}
	newest := slices.Max(logs)
	content, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	end := len(bytes.TrimRight(content, "\x00"))
	record := content[min(logHeader, end):]
	copy(content[end:], record[:min(count, len(record))])
	if err := os.WriteFile(newest, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// logHeader is where the first record of a log begins.
const logHeader = 20
