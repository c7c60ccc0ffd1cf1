package config_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

var update = flag.Bool("update", false, "rewrite the expected messages")

// TestWrongFiles walks testdata/wrong: each case is a file, and what a person
// is told about it in both languages.
func TestWrongFiles(t *testing.T) {
	known := manifests(t)
	files, err := filepath.Glob("testdata/wrong/*/musubi.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) { testWrongFile(t, file, known) })
	}
}

func testWrongFile(t *testing.T, file string, known map[string]*abi.Manifest) {
	problems := faultsOf(t, file, known)
	for _, lang := range []diag.Lang{diag.English, diag.Japanese} {
		var out strings.Builder
		if err := problems.Render(&out, lang); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join(filepath.Dir(file), "want."+string(lang)+".txt"), out.String())
	}
}

// faultsOf loads and checks the file under a name that is the same everywhere.
func faultsOf(t *testing.T, file string, known map[string]*abi.Manifest) diag.Problems {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.ParsePartly("musubi.yaml", text)
	if err != nil && c == nil {
		t.Fatal(err)
	}
	err = c.Check(known)
	problems, ok := err.(diag.Problems) //nolint:errorlint // the promise is this very type
	if !ok {
		t.Fatalf("error is %v, want diag.Problems", err)
	}
	return problems
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func manifests(t *testing.T) map[string]*abi.Manifest {
	t.Helper()
	known := map[string]*abi.Manifest{}
	for _, id := range []string{"ecforce", "salesforce"} {
		text, err := os.ReadFile(filepath.Join("testdata", "manifests", id+".json"))
		if err != nil {
			t.Fatal(err)
		}
		known[id] = new(abi.Manifest)
		if err := json.Unmarshal(text, known[id]); err != nil {
			t.Fatal(err)
		}
	}
	return known
}
