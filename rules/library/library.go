// Package library holds the flows that are shipped, each in a folder with its
// tests and a README, ready to be copied.
package library

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed */flow.yaml */tests.yaml */README.md
var files embed.FS

// Files holds a folder per flow: flow.yaml, tests.yaml and README.md.
func Files() fs.FS { return files }

// Names returns the names of the flows, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil { // embedded: cannot happen
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Flow returns the text of a flow. An error names those that there are.
func Flow(name string) ([]byte, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("the library has no flow %q; it has %s", name, strings.Join(Names(), ", "))
	}
	return files.ReadFile(name + "/flow.yaml")
}
