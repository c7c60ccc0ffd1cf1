package rules

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// catalog reads the connections of testdata/catalog: one file each.
func catalog(t testing.TB) *Catalog {
	t.Helper()
	files, err := filepath.Glob("testdata/catalog/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalog: %v", err)
	}
	member, err := commerce.MemberSchema()
	if err != nil {
		t.Fatal(err)
	}
	c := &Catalog{Connections: map[string]*Connection{}, Member: member}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one struct {
			Manifest *abi.Manifest          `json:"manifest"`
			Objects  map[string]*abi.Schema `json:"objects"`
		}
		if err := json.Unmarshal(data, &one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		c.Connections[name] = &Connection{Manifest: one.Manifest, Objects: one.Objects}
	}
	return c
}

// TestRightFlowsDoWhatTheySay loads every folder of testdata/right and runs
// the tests in it.
func TestRightFlowsDoWhatTheySay(t *testing.T) {
	cases, err := filepath.Glob("testdata/right/*")
	if err != nil || len(cases) < 60 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	c := catalog(t)
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			report, err := RunTests(os.DirFS(dir), c)
			if err != nil {
				t.Fatal(rendered(t, err, English))
			}
			if report.Failed > 0 {
				var out strings.Builder
				if err := report.Render(&out, English); err != nil {
					t.Fatal(err)
				}
				t.Fatal(out.String())
			}
		})
	}
}

// rendered is what a person sees of an error of Load.
func rendered(t testing.TB, err error, lang Lang) string {
	t.Helper()
	problems, ok := err.(Problems) //nolint:errorlint // Load returns it bare
	if !ok {
		t.Fatalf("not Problems: %v", err)
	}
	var out strings.Builder
	if err := problems.Render(&out, lang); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
