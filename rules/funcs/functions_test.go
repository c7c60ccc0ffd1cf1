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

// TestValuesOfAnotherKind evaluates with data of which the check knows nothing.
func TestValuesOfAnotherKind(t *testing.T) {
	const (
		kind  = `failure: a value is of another kind than this works with, such as text for a number, or null: turn it into the right one first, as with int(…) or string(…)`
		list  = `failure: this goes through a list, and the value is none`
		short = `failure: the text or list is too short for that; left(), right() and take() give what there is`
	)
	examine(t, map[string]string{
		`dyn('a') + 1`:                 kind,
		`dyn('5') / 2`:                 kind,
		`dyn(null) > 3`:                kind,
		`dyn('x') && true`:             kind,
		`dyn('1').yen()`:               kind,
		`dyn(['a']).sum()`:             kind,
		`'a' in dyn(null)`:             kind,
		`dyn('x').exists(i, i == 1)`:   list,
		`dyn(null).map(i, i)`:          list,
		`[1, 2, 3].slice(0, 9)`:        short,
		`'abc'.substring(0, 10)`:       short,
		`9223372036854775807 + dyn(1)`: `failure: the result is too large for a number`,
		`int('abc')`:                   `failure: This expression cannot be run: this cannot be read as a number`,
		`'{"id": 12345678901234567890}'.parseJson().id`: `failure: 12345678901234567890 has more digits than a number can hold`,
	})
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
