package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// message is one diag.Kind as it stands in the source.
type message struct{ file, code, en, ja string }

// messages returns every diag.Kind of a package.
func messages(t *testing.T, pattern string) []message {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	var all []message
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if m, ok := messageOf(lit); ok {
					m.file = file
					all = append(all, m)
				}
			}
			return true
		})
	}
	return all
}

func messageOf(lit *ast.CompositeLit) (m message, ok bool) {
	for _, e := range lit.Elts {
		kv, isPair := e.(*ast.KeyValueExpr)
		if !isPair {
			continue
		}
		key, isName := kv.Key.(*ast.Ident)
		value, isText := kv.Value.(*ast.BasicLit)
		if !isName || !isText {
			continue
		}
		text, err := strconv.Unquote(value.Value)
		if err != nil {
			continue
		}
		switch key.Name {
		case "Code":
			m.code = text
		case "EN":
			m.en = text
		case "JA":
			m.ja = text
		}
	}
	return m, m.en != "" || m.ja != ""
}

var verb = regexp.MustCompile(`%\[(\d)\]`)

func verbs(text string) []string {
	var found []string
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestMessagesAreCompleteInBothLanguages compares what is said and what is filled in.
func TestMessagesAreCompleteInBothLanguages(t *testing.T) {
	for _, pattern := range []string{"*.go", "source/*.go", "expr/*.go", "shape/*.go", "funcs/*.go"} {
		for _, m := range messages(t, pattern) {
			if m.en == "" || m.ja == "" {
				t.Errorf("%s: %q / %q: one language is missing", m.file, m.en, m.ja)
			}
			en, ja := verbs(m.en), verbs(m.ja)
			for _, v := range en {
				if !slices.Contains(ja, v) && m.code != "unknown-field" {
					t.Errorf("%s: %q lacks %%[%s]", m.file, m.ja, v)
				}
			}
			for _, v := range ja {
				if !slices.Contains(en, v) {
					t.Errorf("%s: %q lacks %%[%s]", m.file, m.en, v)
				}
			}
		}
	}
}

// unseen are codes that no rules file shows: what goes wrong in a run or in a
// test, what is said elsewhere, and what only a fault of ours would bring about.
var unseen = []string{
	"not-text-now", "not-bool-now", "not-list-now", "not-duration-now", "not-time-now",
	"evaluation", "not-there", "no-such-key", "no-such-item", "divided-by-zero", "number-overflow", "not-a-number", "not-a-time", "not-a-duration", "took-too-long",
	"other-kind", "no-list", "too-short", "unsortable", "empty-list",
	"test-data", "unknown-error-kind", "test-failed", "test-outcome", "test-step-missing", "test-step-extra", "test-other-step", "test-other-input",
	"no-members", "unknown-tag", "list-of-texts", "untaken-step", "untaken-branch", "more-pages", "test-summary",
	"internal", "expression", "not-plannable", "file-too-long", "expression-too-long",
}

// TestEveryFaultHasACase demands a case of testdata/wrong for every code.
func TestEveryFaultHasACase(t *testing.T) {
	seen := map[string]bool{}
	cases, err := filepath.Glob("testdata/wrong/*")
	if err != nil {
		t.Fatal(err)
	}
	c := catalog(t)
	for _, dir := range cases {
		_, err := LoadSources(wrongSources(t, dir), c)
		problems, ok := err.(Problems) //nolint:errorlint // LoadSources returns it bare
		if !ok {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, p := range problems {
			seen[p.Code] = true
		}
	}
	for _, pattern := range []string{"*.go", "source/*.go", "expr/*.go"} {
		for _, m := range messages(t, pattern) {
			if m.code != "" && !seen[m.code] && !slices.Contains(unseen, m.code) {
				t.Errorf("%s: no case shows %s", m.file, m.code)
			}
		}
	}
}
