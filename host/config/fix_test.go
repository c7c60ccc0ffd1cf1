package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules/diag"
)

// TestFixesPutRight writes each corrected line that a message offers into its
// file and reads that again: the fault must be gone from the line.
func TestFixesPutRight(t *testing.T) {
	files, err := filepath.Glob("testdata/wrong/*/musubi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	known, offered := manifests(t), 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range faultsOf(t, file, known) {
			if p.Fix == "" {
				continue
			}
			offered++
			lines := strings.Split(string(text), "\n")
			lines[p.Line-1] = p.Fix
			_, err := config.ParsePartly("musubi.yaml", []byte(strings.Join(lines, "\n")))
			problems, _ := err.(diag.Problems) //nolint:errorlint // the promise is this very type
			for _, q := range problems {
				if q.Line == p.Line {
					t.Errorf("%s: after %q: %s", file, p.Fix, q.Message.EN)
				}
			}
		}
	}
	if offered == 0 {
		t.Error("no message offers a corrected line")
	}
}
