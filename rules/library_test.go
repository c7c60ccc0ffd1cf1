package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLibraryFlowsPassTheirTests runs the tests of every shipped flow, each
// as a folder of its own, the way an ops person copies it.
func TestLibraryFlowsPassTheirTests(t *testing.T) {
	folders, err := filepath.Glob("library/*/flow.yaml")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no library: %v", err)
	}
	c := catalog(t)
	for _, file := range folders {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) { passes(t, dir, c) })
	}
}

func passes(t *testing.T, dir string, c *Catalog) {
	t.Helper()
	report, err := RunTests(os.DirFS(dir), c)
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	if report.Failed > 0 || report.Passed == 0 || len(report.Untaken) > 0 {
		var out strings.Builder
		if err := report.Render(&out, English); err != nil {
			t.Fatal(err)
		}
		t.Fatal(out.String())
	}
}
