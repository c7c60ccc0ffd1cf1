package rules

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected messages")

// TestWrongFlowsAreExplained loads every folder of testdata/wrong and compares
// what a person sees, in both languages.
func TestWrongFlowsAreExplained(t *testing.T) {
	cases, err := filepath.Glob("testdata/wrong/*")
	if err != nil || len(cases) < 150 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	c := catalog(t)
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			_, err := LoadSources(wrongSources(t, dir), c)
			if err == nil {
				t.Fatal("loads without a fault")
			}
			golden(t, filepath.Join(dir, "want.en.txt"), rendered(t, err, English))
			golden(t, filepath.Join(dir, "want.ja.txt"), rendered(t, err, Japanese))
		})
	}
}

// wrongSources reads a case's rules, without the messages expected of them.
func wrongSources(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	sources, err := readSources(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	delete(sources, "want.en.txt")
	delete(sources, "want.ja.txt")
	return sources
}

// golden compares with a file, or rewrites it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
