package rules

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Diff writes in words what changes from one set of rules to another. Equal sets give one sentence.
func Diff(w io.Writer, before, after *Set, lang Lang) error {
	var out strings.Builder
	ids := map[string]bool{}
	for _, s := range []*Set{before, after} {
		for _, f := range s.Flows() {
			ids[f.ID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		for _, line := range toldChanges(enabledFlow(before, id).told(), enabledFlow(after, id).told()) {
			fmt.Fprintln(&out, lang.Pick(line))
		}
	}
	for _, line := range memberChanges(before, after) {
		fmt.Fprintln(&out, lang.Pick(line))
	}
	if out.Len() == 0 {
		fmt.Fprintln(&out, lang.Pick(diffNothing.Text()))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// enabledFlow returns the flow of that ID if it is in force.
func enabledFlow(s *Set, id string) *Flow {
	i := slices.IndexFunc(s.Flows(), func(f *Flow) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return s.Flows()[i]
}

// told returns the flow as it is compared; nil for no flow.
func (f *Flow) told() *told {
	if f == nil {
		return nil
	}
	return &told{f.ID, f.Version, startText(f), func() map[string]aspect { return aspects(f) }}
}

// aspect is one thing that a flow says, as it is compared.
type aspect struct {
	// what names it to people; field is set for values that are passed on.
	what, field abi.Text
	value       string
	// words are the value for people, where it is not best shown as written.
	words abi.Text
	// sentence is the whole aspect in words; empty for those that are best shown as written.
	sentence abi.Text
}

// shown is the value as people read it.
func (a aspect) shown() abi.Text {
	if a.words.EN != "" {
		return a.words
	}
	return abi.Text{EN: a.value, JA: a.value}
}

// aspects returns all that a flow says, by a key that stays the same while it means the same thing.
func aspects(f *Flow) map[string]aspect {
	all := map[string]aspect{}
	all["start"] = aspect{what: aspectStart.Text(), value: startText(f).EN, sentence: startText(f)}
	all["lane"] = aspect{what: aspectLane.Text(), value: laneText(f).EN, sentence: laneText(f)}
	if f.When != nil {
		all["when"] = aspect{what: aspectWhen.Text(), value: f.When.Text()}
	}
	for name, v := range f.types.paramTexts() {
		all["params."+name] = aspect{what: aspectParam.Text(name), value: v}
	}
	walk(f.Steps, func(step *Step) { stepAspects(step, all) })
	return all
}

func stepAspects(step *Step, all map[string]aspect) {
	key, name := "step "+step.Path, stepName(step)
	what := aspectStep.Text(name)
	if step.Title == "" && step.ID == "" && ActionName(step) == "" {
		what = aspectStep.Text(step.Path)
	}
	all[key] = aspect{what: what, value: stepText(step).EN, words: stepText(step)}
	if step.When != nil {
		all[key+" when"] = aspect{what: aspectStepWhen.Text(name), value: step.When.Text()}
	}
	if d, ok := step.Do.(*Switch); ok {
		for i, c := range d.Cases {
			all[fmt.Sprintf("%s case %d", key, i)] = aspect{what: aspectCase.Text(name, i+1), value: c.When.Text()}
		}
	}
	for _, line := range details(step) {
		field, value, _ := strings.Cut(line, " ← ")
		all[key+" field "+field] = aspect{what: name, field: abi.Text{EN: shortField(field), JA: shortField(field)}, value: value}
	}
}

// stepName names a step to people: its title, its id, or what it calls.
func stepName(step *Step) abi.Text {
	switch {
	case step.Title != "":
		return abi.Text{EN: step.Title, JA: step.Title}
	case step.ID != "":
		return abi.Text{EN: step.ID, JA: step.ID}
	case ActionName(step) != "":
		return abi.Text{EN: ActionName(step), JA: ActionName(step)}
	default:
		return abi.Text{EN: "step " + step.Path, JA: "ステップ " + step.Path}
	}
}

// shortField drops the containers that every record's field stands in.
func shortField(field string) string {
	for _, prefix := range []string{"fields.", "set."} {
		if name, ok := strings.CutPrefix(field, prefix); ok {
			return name
		}
	}
	return field
}

func aspectChanges(before, after map[string]aspect) []abi.Text {
	keys := map[string]bool{}
	for key := range before {
		keys[key] = true
	}
	for key := range after {
		keys[key] = true
	}
	var lines []abi.Text
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		b, was := before[key]
		a, is := after[key]
		if line, changed := aspectChange(b, a, was, is); changed {
			lines = append(lines, line)
		}
	}
	return lines
}

func aspectChange(b, a aspect, was, is bool) (abi.Text, bool) {
	written := a.field.EN != "" || b.field.EN != ""
	switch {
	case was && is && a.value == b.value:
		return abi.Text{}, false
	case !was && written:
		return diffWritten.Text(a.what, a.field, a.value), true
	case !is && written:
		return diffNotWritten.Text(b.what, b.field), true
	case written:
		return diffOtherValue.Text(a.what, a.field, a.value, b.value), true
	case a.sentence.EN != "":
		return diffSentence.Text(a.what, a.sentence), true
	case !was:
		return diffAdded.Text(a.what, a.shown()), true
	case !is:
		return diffRemoved.Text(b.what, b.shown()), true
	default:
		return diffChanged.Text(a.what, a.shown(), b.shown()), true
	}
}

// The sentences of a difference.
var (
	diffNothing    = diag.Kind{EN: "Nothing changes.", JA: "変わるところはありません。"}
	diffNewFlow    = diag.Kind{EN: "%[1]s is new. %[2]s", JA: "%[1]s が追加されます。%[2]s"}
	diffGoneFlow   = diag.Kind{EN: "%[1]s is no longer in force.", JA: "%[1]s は動かなくなります。"}
	diffOnlyForm   = diag.Kind{EN: "%[1]s is only written differently.", JA: "%[1]s は書き方だけが変わります。"}
	diffFlow       = diag.Kind{EN: "%[1]s:", JA: "%[1]s:"}
	diffWritten    = diag.Kind{EN: "%[1]s: %[2]s is now also written (%[3]s)", JA: "%[1]s: %[2]s も書かれるようになります(%[3]s)"}
	diffNotWritten = diag.Kind{EN: "%[1]s: %[2]s is no longer written", JA: "%[1]s: %[2]s は書かれなくなります"}
	diffOtherValue = diag.Kind{EN: "%[1]s: %[2]s is now %[3]s instead of %[4]s", JA: "%[1]s: %[2]s が %[4]s から %[3]s に変わります"}
	diffAdded      = diag.Kind{EN: "%[1]s is added: %[2]s", JA: "%[1]s が追加されます: %[2]s"}
	diffRemoved    = diag.Kind{EN: "%[1]s is removed: %[2]s", JA: "%[1]s がなくなります: %[2]s"}
	diffChanged    = diag.Kind{EN: "%[1]s is now %[2]s instead of %[3]s", JA: "%[1]s が %[3]s から %[2]s に変わります"}
	diffSentence   = diag.Kind{EN: "%[1]s changes: %[2]s", JA: "%[1]sが変わります: %[2]s"}
	aspectStart    = diag.Kind{EN: "the start", JA: "開始のきっかけ"}
	aspectLane     = diag.Kind{EN: "the order", JA: "処理の順番"}
	aspectWhen     = diag.Kind{EN: "the condition", JA: "条件"}
	aspectParam    = diag.Kind{EN: "the parameter %[1]s", JA: "パラメーター %[1]s"}
	aspectStep     = diag.Kind{EN: "the step %[1]s", JA: "ステップ %[1]s"}
	aspectStepWhen = diag.Kind{EN: "the condition of %[1]s", JA: "%[1]s の条件"}
	aspectCase     = diag.Kind{EN: "case %[2]d of %[1]s", JA: "%[1]s の分岐 %[2]d"}
)
