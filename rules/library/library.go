// Package library holds the flows that are shipped, each in a folder with its
// tests and a README, ready to be copied.
package library

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed */flow.yaml */tests.yaml */README.md */*.csv
var files embed.FS

// Files holds a folder per flow: flow.yaml, tests.yaml, README.md, and the
// tables that the flow looks into.
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

// Tables returns the names of the tables that a flow looks into, sorted.
func Tables(name string) []string {
	paths, err := fs.Glob(files, name+"/*.csv")
	if err != nil { // a name of the library: cannot happen
		return nil
	}
	names := make([]string, len(paths))
	for i, file := range paths {
		names[i] = path.Base(file)
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
