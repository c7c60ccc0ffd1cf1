package rules

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// TestFixesPutRight applies every corrected line that a message offers and
// loads again: the same fault must be gone from that line.
func TestFixesPutRight(t *testing.T) {
	cases, err := filepath.Glob("testdata/wrong/*")
	if err != nil {
		t.Fatal(err)
	}
	c := catalog(t)
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			folder := fstest.MapFS{}
			for name, data := range wrongSources(t, dir) {
				folder[name] = &fstest.MapFile{Data: data}
			}
			for _, p := range problemsOf(t, folder, c) {
				if p.Fix != "" {
					fixed(t, folder, c, p)
				}
			}
		})
	}
}

func fixed(t *testing.T, folder fstest.MapFS, c *Catalog, p Problem) {
	t.Helper()
	lines := strings.Split(string(folder[p.File].Data), "\n")
	lines[p.Line-1] = p.Fix
	again := fstest.MapFS{}
	for name, file := range folder {
		again[name] = file
	}
	again[p.File] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
	for _, q := range problemsOf(t, again, c) {
		if q.File == p.File && q.Line == p.Line && q.Code == p.Code && q.Column == p.Column {
			t.Errorf("%s is still there after\n%s\n%s", p.Code, p.Fix, q.Message.EN)
		}
	}
}

func problemsOf(t *testing.T, folder fstest.MapFS, c *Catalog) Problems {
	t.Helper()
	_, err := Load(folder, c)
	if err == nil {
		return nil
	}
	problems, ok := err.(Problems) //nolint:errorlint // Load returns it bare
	if !ok {
		t.Fatal(err)
	}
	return problems
}
