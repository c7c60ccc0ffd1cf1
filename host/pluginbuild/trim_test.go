package pluginbuild_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/pluginbuild"
)

// garage builds programs with one cache.
type garage struct {
	*testing.T

	cache string
}

// build builds the program in dir and returns the slot that it is kept in.
func (g garage) build(dir string) (slot string) {
	g.Helper()
	a, err := builder(g, pluginbuild.Options{Dir: dir, CacheDir: g.cache}).Program(g.Context(), "./app")
	if err != nil {
		g.Fatal(err)
	}
	return filepath.Dir(a.Path)
}

// age has all of the cache be so much older.
func (g garage) age(by time.Duration) {
	g.Helper()
	files, err := filepath.Glob(filepath.Join(g.cache, "*", "*"))
	if err != nil {
		g.Fatal(err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			g.Fatal(err)
		}
		then := info.ModTime().Add(-by)
		if err := os.Chtimes(file, then, then); err != nil {
			g.Fatal(err)
		}
	}
}

// keeps checks which slots are there, and that there is nothing else.
func (g garage) keeps(want ...string) {
	g.Helper()
	entries, err := os.ReadDir(g.cache)
	if err != nil {
		g.Fatal(err)
	}
	if len(entries) != len(want) {
		g.Errorf("the cache holds %v, want %v", entries, want)
	}
	for _, slot := range want {
		if _, err := os.Stat(filepath.Join(slot, "stamp")); err != nil {
			g.Errorf("a slot is gone: %v", err)
		}
	}
}

const day = 24 * time.Hour

func TestCacheDropsWhatNobodyUsed(t *testing.T) {
	g := garage{t, t.TempDir()}
	used, unused := tiny(t), tiny(t)
	one, two := g.build(used), g.build(unused)
	g.age(4 * day)
	g.build(used)
	g.age(2 * day)
	g.keeps(one, two)
	g.keeps(g.build(tiny(t)), one)
	if again := g.build(unused); again != two {
		t.Errorf("it is built in %s, want %s", again, two)
	}
}

func TestCacheDropsWhatHasNoSource(t *testing.T) {
	g := garage{t, t.TempDir()}
	here, gone := tiny(t), tiny(t)
	one := g.build(here)
	g.build(gone)
	if err := os.RemoveAll(gone); err != nil {
		t.Fatal(err)
	}
	g.keeps(g.build(tiny(t)), one)
}

// Whoever builds in a slot keeps it, however old it is, and what is no slot stays.
func TestCacheKeepsWhatIsBuilt(t *testing.T) {
	g := garage{t, t.TempDir()}
	old := tiny(t)
	slot := g.build(old)
	other := filepath.Join(g.cache, "compiled")
	write(t, other, map[string]string{"stamp": ""})
	write(t, old, map[string]string{"app/hello.txt": "bye "})
	var third string
	building := builder(t, pluginbuild.Options{Dir: old, CacheDir: g.cache, Building: func(string) {
		g.age(6 * day)
		third = g.build(tiny(t))
	}})
	if _, err := building.Program(t.Context(), "./app"); err != nil {
		t.Fatal(err)
	}
	g.keeps(slot, other, third)
}

// A build that was killed leaves a folder and drafts behind; the next one removes them.
func TestKilledBuildLeavesNothing(t *testing.T) {
	g := garage{t, t.TempDir()}
	dir := tiny(t)
	slot := g.build(dir)
	write(t, slot, map[string]string{"tmp-123/out": "half a program", ".new-456": "half a copy"})
	write(t, dir, map[string]string{"app/hello.txt": "bye "})
	g.build(dir)
	left, err := os.ReadDir(slot)
	if err != nil || len(left) != 3 {
		t.Errorf("left are %v, %v; want the program, its stamp and the lock", left, err)
	}
}
