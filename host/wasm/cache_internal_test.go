package wasm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
)

func TestCacheKeepsWhatWasUsedLast(t *testing.T) {
	parent := t.TempDir()
	noon := time.Now().Add(-12 * time.Hour)
	for i := range 5 {
		cache, fresh, err := openCache(filepath.Join(parent, fmt.Sprint(i)))
		if err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		if err := cache.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		mark := filepath.Join(parent, fmt.Sprint(i), cacheMark)
		if err := os.Chtimes(mark, noon, noon.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if cache, fresh, err := openCache(filepath.Join(parent, "0")); err != nil || fresh || cache.Close(context.Background()) != nil {
		t.Fatal("the folder is not found again", err)
	}
	if err := trimCache(parent, 3); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(parent, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"0", "3", "4"} {
		if len(left) != 3 || filepath.Base(left[i]) != name {
			t.Fatalf("left are %v", left)
		}
	}
}

// What a killed process left without its mark goes as well.
func TestCacheDropsWhatWasNotUsedForDays(t *testing.T) {
	parent := t.TempDir()
	noon := time.Date(2026, 4, 20, 12, 0, 0, 0, time.UTC)
	for name, days := range map[string]int{"now": 0, "lately": 4, "long-ago": 6, "half": 7} {
		dir := filepath.Join(parent, name)
		cache, _, err := openCache(dir)
		if err != nil || cache.Close(t.Context()) != nil {
			t.Fatal(err)
		}
		at, mark := noon.AddDate(0, 0, -days), filepath.Join(dir, cacheMark)
		if name == "half" {
			err = os.Remove(mark)
			mark = dir
		}
		if err := errors.Join(err, os.Chtimes(mark, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := trimCache(parent, maxCached); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(parent, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != "lately" || filepath.Base(left[1]) != "now" {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestCompilingTrimsTheCache(t *testing.T) {
	parent := t.TempDir()
	for i := range maxCached + 3 {
		module := asm.Module{Pages: 1, Data: fmt.Append(nil, i)}
		wasm := module.Bytes()
		plugin := newSource(wasm, func() ([]byte, error) { return wasm, nil })
		p, err := plugin.compile(parent, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(parent, "*")); err != nil || len(left) != maxCached {
		t.Errorf("%d modules are cached, %v", len(left), err)
	}
}
