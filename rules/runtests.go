package rules

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestReport is what came of the tests beside the rules.
type TestReport struct {
	// Passed and Failed count tests.
	Passed, Failed int
	// Problems say where a test expected something else.
	Problems Problems
	// Untaken are branches and steps that no test reaches, as problems that point to them.
	Untaken Problems
	// Cut say which tests went through the first pages only of a list that has more.
	Cut Problems
}

// RunTests runs every tests.yaml of a folder of rules. The error is [Problems]
// when the rules or the tests themselves are wrong.
func RunTests(fsys fs.FS, catalog *Catalog) (*TestReport, error) {
	set, err := Load(fsys, catalog)
	if err != nil {
		return nil, err
	}
	files, err := readTests(fsys)
	if err != nil {
		return nil, err
	}
	l, err := newLoader(catalog, nil)
	if err != nil {
		return nil, err
	}
	r := &testReader{loader: l, set: set}
	var cases []*testCase
	for _, name := range slices.Sorted(maps.Keys(files)) {
		cases = append(cases, r.file(name, files[name])...)
	}
	if len(r.report.Problems) > 0 {
		r.report.Problems.Sort()
		return nil, r.report.Problems
	}
	report := runCases(set, cases)
	r.runMembers(report)
	return report, nil
}

func runCases(set *Set, cases []*testCase) *TestReport {
	report := &TestReport{}
	taken := map[*Flow]map[string]bool{}
	var found, cut source.Report
	for _, c := range cases {
		before := len(found.Problems)
		trace := c.flow.Simulate(c.event, c.answers)
		c.compare(trace, &found)
		for _, path := range trace.Cut {
			cut.Add(c.node.Span(), morePages, path, SimulatedPages)
		}
		if len(found.Problems) == before {
			report.Passed++
		} else {
			report.Failed++
		}
		if taken[c.flow] == nil {
			taken[c.flow] = map[string]bool{}
		}
		maps.Copy(taken[c.flow], trace.Taken)
	}
	report.Problems, report.Cut = found.Problems, cut.Problems
	report.Untaken = untaken(set, taken)
	return report
}

// Render writes what came of the tests for a person.
func (r *TestReport) Render(w io.Writer, lang Lang) error {
	if err := r.Problems.Render(w, lang); err != nil {
		return err
	}
	for _, notes := range []Problems{r.Untaken, r.Cut} {
		if err := notes.Render(w, lang); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, lang.Pick(testSummary.Text(r.Passed, r.Failed, len(r.Untaken))))
	return err
}

// cannedAnswers answers as the test says.
type cannedAnswers struct {
	results map[string][]json.RawMessage
	errors  map[string]*abi.Error
	used    map[string]int
}

// Answer finds the answer under the step's path, its own path without items, or its action.
func (c *cannedAnswers) Answer(path string, step *Step, _ []byte) ([]byte, error) {
	names := []string{path, step.Path, ActionName(step)}
	for _, name := range names {
		if fault, ok := c.errors[name]; ok {
			return nil, fault
		}
		answers, ok := c.results[name]
		if !ok || len(answers) == 0 {
			continue
		}
		i := min(c.used[name], len(answers)-1)
		c.used[name]++
		return answers[i], nil
	}
	return StandIn(step), nil
}

// ActionName names what a step calls, as tests and journals do; empty if it calls nothing.
func ActionName(step *Step) string {
	switch d := step.Do.(type) {
	case *Call:
		return d.Connection + "." + d.Action.Name
	case *Upsert:
		return d.Connection
	case *Linked:
		return "linked." + d.Kind
	case *Foreach:
		if d.Pages != nil {
			return d.Pages.Name()
		}
	default:
	}
	return ""
}

// untaken returns the steps and branches that no test reaches, of flows that have tests.
func untaken(set *Set, taken map[*Flow]map[string]bool) Problems {
	var r source.Report
	for _, f := range set.Flows() {
		if seen := taken[f]; seen != nil {
			walk(f.Steps, func(step *Step) {
				if step.When != nil && !seen[step.Path] {
					r.Add(f.lineSpan(step.Line), untakenStep, step.Path)
				}
				if d, ok := step.Do.(*Switch); ok {
					untakenBranches(f, step, d, seen, &r)
				}
			})
		}
	}
	return r.Problems
}

func untakenBranches(f *Flow, step *Step, d *Switch, seen map[string]bool, r *source.Report) {
	for i := range len(d.Cases) + 1 {
		if seen[branchName(step, i)] || (i == len(d.Cases) && d.Otherwise == nil) {
			continue
		}
		line := step.Line
		var kind diag.Kind
		if i < len(d.Cases) {
			line, kind = d.Cases[i].When.node.Line(), untakenCase
		} else {
			kind = untakenOtherwise
			if len(d.Otherwise) > 0 {
				line = d.Otherwise[0].Line
			}
		}
		r.Add(f.lineSpan(line), kind, strings.TrimSpace(step.Path))
	}
}

// walk visits all steps, inner ones included.
func walk(steps []*Step, visit func(*Step)) {
	for _, step := range steps {
		visit(step)
		switch d := step.Do.(type) {
		case *Switch:
			for _, c := range d.Cases {
				walk(c.Steps, visit)
			}
			walk(d.Otherwise, visit)
		case *Foreach:
			walk(d.Steps, visit)
		}
	}
}
