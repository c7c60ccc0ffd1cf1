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

//go:embed */*
var files embed.FS

// Files holds a folder per flow: flow.yaml, tests.yaml and README.md, and
// whatever else the flow needs: further flows, tag rules, tables, texts.
func Files() fs.FS { return files }

// Parts returns the names of a folder's files that the flow needs beside
// flow.yaml, sorted.
func Parts(name string) []string {
	entries, err := files.ReadDir(name)
	if err != nil { // a name of the library: cannot happen
		return nil
	}
	var parts []string
	for _, e := range entries {
		if !slices.Contains([]string{"flow.yaml", "tests.yaml", "README.md"}, e.Name()) {
			parts = append(parts, e.Name())
		}
	}
	return parts
}

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
