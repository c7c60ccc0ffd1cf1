package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
)

// itemIndex is the number of an item in the path of a step within foreach.
var itemIndex = regexp.MustCompile(`\[[\d.]*\]`)

// answersOf reports answers for steps that the flow does not have: they would
// never be given, and the step that was meant would be answered by made-up values.
func (r *testReader) answersOf(f *Flow, node *source.Node) {
	if node == nil || !node.IsMap() {
		return
	}
	names, within := answerNames(f)
	for _, p := range node.Pairs() {
		name := itemIndex.ReplaceAllString(p.Key.Text(), "")
		inner := func(outer string) bool { return strings.HasPrefix(name, outer+".") }
		if slices.Contains(names, name) || slices.ContainsFunc(within, inner) {
			continue
		}
		if near := diag.Closest(name, names); near != "" {
			r.report.AddFix(p.Key.Span(), p.Key.Edit(0, len([]rune(p.Key.Text())), near), unknownStepOfTestNear, f.ID, p.Key.Text(), near)
			continue
		}
		r.add(p.Key, unknownStepOfTest, f.ID, p.Key.Text(), strings.Join(names, ", "))
	}
}

// answerNames returns the names under which a test can answer a flow's steps,
// and the paths of steps that have others within.
func answerNames(f *Flow) (names, within []string) {
	var calls []string
	walk(f.Steps, func(step *Step) {
		switch d := step.Do.(type) {
		case *SubFlow:
			within = append(within, step.Path)
			inner, _ := answerNames(d.Flow)
			calls = append(calls, inner...)
			return
		case *Foreach:
			within = append(within, step.Path)
		}
		if call := ActionName(step); call != "" {
			names, calls = append(names, step.Path), append(calls, call)
		}
	})
	for _, call := range calls {
		if !slices.Contains(names, call) {
			names = append(names, call)
		}
	}
	return names, within
}
