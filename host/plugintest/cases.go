package plugintest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// cases returns the names of the case folders under testdata/<kind>, sorted.
func cases(t *testing.T, dir, kind string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "testdata", kind))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}
