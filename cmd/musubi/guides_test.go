package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/rules/diag"
)

// namedCommand is a command as guides and messages write it: quoted, at the
// beginning of a line, or behind another.
var namedCommand = regexp.MustCompile("(?m)(?:`|^ *|&& |cmd/|\\./)musubi ([a-z-]+)(?: ([a-z-]+))?")

// TestGuidesNameCommandsThatExist walks every guide, and the messages about rules.
func TestGuidesNameCommandsThatExist(t *testing.T) {
	root := (&program{environment: environment{}, lang: diag.English}).root()
	named := 0
	for _, file := range guides(t, "../..") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range namedCommand.FindAllStringSubmatch(string(text), -1) {
			named++
			if !exists(root, m[1], m[2]) {
				t.Errorf("%s: there is no command %s", file, strings.TrimSpace(m[1]+" "+m[2]))
			}
		}
	}
	if named < 100 {
		t.Errorf("only %d commands are named: the guides are not where they were", named)
	}
}

// exists says whether there is such a command; what follows one without
// commands of its own is an argument.
func exists(root *cobra.Command, name, sub string) bool {
	cmd, _, err := root.Find([]string{name})
	if err != nil || cmd == root {
		return false
	}
	if sub == "" || !cmd.HasSubCommands() || strings.Contains(cmd.Use, " ") {
		return true
	}
	child, _, err := cmd.Find([]string{sub})
	return err == nil && child != cmd
}

func guides(t *testing.T, dir string) []string {
	t.Helper()
	files := []string{filepath.Join(dir, "rules", "messages.go")}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // another test's, gone meanwhile
			return nil
		case err != nil:
			return err
		case entry.IsDir() && path != dir && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case filepath.Ext(path) == ".md":
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
