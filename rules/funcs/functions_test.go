package funcs_test

import (
	"testing"

	"github.com/google/cel-go/interpreter"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/rules/shape"
)

// evaluate returns an expression's value as JSON, or its failure.
func evaluate(t *testing.T, lang *expr.Language, text string) string {
	t.Helper()
	e, faults := lang.Names().Compile(text, expr.Use{})
	if faults != nil {
		return "failure: " + faults[0].Text.EN
	}
	v, err := e.Eval(interpreter.EmptyActivation())
	if err != nil {
		return "failure: " + err.Error()
	}
	data, err := shape.AppendJSON(nil, v)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return string(data)
}

func language(t *testing.T) *expr.Language {
	t.Helper()
	lang, err := expr.Version1()
	if err != nil {
		t.Fatal(err)
	}
	return lang
}

// TestExamplesAreTrue evaluates the example of every function.
func TestExamplesAreTrue(t *testing.T) {
	lang := language(t)
	for _, f := range funcs.All() {
		t.Run(f.Name, func(t *testing.T) {
			if got := evaluate(t, lang, f.Example); got != f.Result {
				t.Errorf("%s\n got %s\nwant %s", f.Example, got, f.Result)
			}
			if f.Doc.EN == "" || f.Doc.JA == "" {
				t.Error("no words in one of the languages")
			}
		})
	}
}

// examine evaluates cases of a group.
func examine(t *testing.T, cases map[string]string) {
	t.Helper()
	lang := language(t)
	for text, want := range cases {
		if got := evaluate(t, lang, text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}
