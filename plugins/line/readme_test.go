package main

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeNamesEveryAction holds the English part, which tells of all, to the
// connector: an action has its name there, or behind others of its family its last part.
func TestReadmeNamesEveryAction(t *testing.T) {
	text, err := os.ReadFile("README.md")
	must(t, err)
	english, _, _ := strings.Cut(string(text), "\n---\n")
	manifest, err := connector.Manifest()
	must(t, err)
	for _, action := range manifest.Actions {
		_, verb, _ := strings.Cut(action.Name, ".")
		if !strings.Contains(english, action.Name) && !strings.Contains(english, "`"+verb+"`") {
			t.Errorf("README.md does not name %s", action.Name)
		}
	}
}
