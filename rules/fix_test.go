package rules

import (
	"os"
	"path/filepath"
	"slices"
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

// TestFixesOfQuotesMeanTheSame leaves out each quote of flows that are right, or
// writes the other one: where the corrected line loads, it says what stood there.
func TestFixesOfQuotesMeanTheSame(t *testing.T) {
	cases, err := filepath.Glob("testdata/right/*")
	if err != nil || len(cases) == 0 {
		t.Fatal(err)
	}
	c := catalog(t)
	for _, dir := range cases {
		data, err := os.ReadFile(filepath.Join(dir, "flow.yaml"))
		if err != nil {
			continue
		}
		lines := strings.Split(string(data), "\n")
		for i, line := range lines {
			for _, slip := range quoteSlips(line) {
				lines[i] = slip
				meansTheSame(t, c, lines, i, line)
			}
			lines[i] = line
		}
	}
}

// quoteSlips returns the line with one of its quotes left out or changed, or all of them.
func quoteSlips(line string) []string {
	var slips []string
	for i, r := range line {
		if r != '"' && r != '\'' {
			continue
		}
		slips = append(slips, line[:i]+line[i+1:], line[:i]+string('"'+'\''-r)+line[i+1:])
	}
	if slips != nil {
		slips = append(slips, strings.ReplaceAll(line, `"`, "'"), strings.ReplaceAll(line, "'", `"`), strings.ReplaceAll(line, `"`, ""))
	}
	return slips
}

func meansTheSame(t *testing.T, c *Catalog, lines []string, i int, meant string) {
	t.Helper()
	problems := problemsOf(t, oneFile(lines), c)
	if len(problems) != 1 || problems[0].Line != i+1 || problems[0].Fix == "" {
		return
	}
	again := slices.Clone(lines)
	again[i] = problems[0].Fix
	bare := strings.NewReplacer(`"`, "", "'", "", " ", "").Replace
	if len(problemsOf(t, oneFile(again), c)) == 0 && (bare(again[i]) != bare(meant) || strings.Contains(again[i], `'"${`)) {
		t.Errorf("%s: of\n%s\nbecame\n%s\nwhich loads, but\n%s\nwas meant", problems[0].Code, lines[i], again[i], meant)
	}
}

func oneFile(lines []string) fstest.MapFS {
	return fstest.MapFS{"flow.yaml": {Data: []byte(strings.Join(lines, "\n"))}}
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
