package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmesNameEveryPartOfTheHost: whoever comes new finds the folder of a thing there.
func TestReadmesNameEveryPartOfTheHost(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "README.ja.md"} {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() && !strings.Contains(string(text), "`host/"+e.Name()+"`") {
				t.Errorf("%s says nothing of host/%s", name, e.Name())
			}
		}
	}
}
