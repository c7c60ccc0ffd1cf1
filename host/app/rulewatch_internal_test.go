package app

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAFileThatIsBeingWrittenIsNotTaken writes a file in three steps, each seen by
// a look, and then one without an end.
func TestAFileThatIsBeingWrittenIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "a.yaml")
		write := func(text string) {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			time.Sleep(watchEvery)
		}
		var taken []string
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go watchFolder(ctx, dir, stamp(dir), func() bool {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			}
			taken = append(taken, string(text))
			return true
		})
		time.Sleep(watchEvery / 2)
		for _, text := range []string{"", "half", "a whole file"} {
			write(text)
		}
		time.Sleep(3 * watchEvery)
		if !slices.Equal(taken, []string{"a whole file"}) {
			t.Errorf("taken: %q", taken)
		}
		for n := range 2 * watchPatience {
			write(strings.Repeat("x", n))
		}
		if len(taken) < 2 {
			t.Error("a folder that is never still is never taken")
		}
	})
}

// TestWhatChangedWhileTheHostStartedIsSeen is told of an older state.
func TestWhatChangedWhileTheHostStartedIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		before := stamp(dir)
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		seen := false
		go watchFolder(ctx, dir, before, func() bool { seen = true; return true })
		time.Sleep(5 * watchEvery)
		if !seen {
			t.Error("it was not")
		}
	})
}

// TestRulesThatCouldNotBeReadAreTriedAgain has what was wrong be mended without a
// change of the folder, or with the file put back as it was.
func TestRulesThatCouldNotBeReadAreTriedAgain(t *testing.T) {
	for _, back := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			before := stamp(dir)
			if err := os.WriteFile(filepath.Join(dir, "a.yaml"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var tries []time.Time
			go watchFolder(ctx, dir, before, func() bool {
				tries = append(tries, time.Now())
				return len(tries) == 3
			})
			time.Sleep(3 * watchEvery)
			if back {
				if err := os.Remove(filepath.Join(dir, "a.yaml")); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(10 * watchPatience * watchEvery)
			if len(tries) != 3 || tries[2].Sub(tries[1]) < watchPatience*watchEvery {
				t.Errorf("put back %t: tried at %v", back, tries)
			}
		})
	}
}

// TestChangesBehindLinksAreSeen has a folder that is a link, as tools that put
// releases in place make them, and in it a file that is one; and a file that may
// be read only later.
func TestChangesBehindLinksAreSeen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links and modes of files are for administrators there")
	}
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	for _, err := range []error{
		os.Mkdir(at("release"), 0o700), os.WriteFile(at("release/a.yaml"), nil, 0o600), os.WriteFile(at("shared"), nil, 0o600),
		os.Symlink("../shared", at("release/b.yaml")), os.Symlink("release", at("rules")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	before := stamp(at("rules"))
	for _, change := range []struct {
		what string
		do   func() error
	}{
		{"a file", func() error { return os.WriteFile(at("release/a.yaml"), []byte("x"), 0o600) }},
		{"what a link leads to", func() error { return os.WriteFile(at("shared"), []byte("x"), 0o600) }},
		{"who may read a file", func() error { return os.Chmod(at("release/a.yaml"), 0o400) }},
		{"the folder behind the link", func() error { return os.RemoveAll(at("release")) }},
	} {
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		now := stamp(at("rules"))
		if now == before {
			t.Errorf("%s changed and nobody saw it", change.what)
		}
		before = now
	}
}
