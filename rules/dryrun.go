package rules

import (
	"fmt"
	"io"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
)

// Placeholders answers every call with a made-up result of the right shape, so
// that a flow can be tried without any connector. Where answers has one, it is used.
type Placeholders struct{ Answers Answers }

// Answer returns the answer of the step, or what stands for it.
func (p Placeholders) Answer(path string, step *Step, input []byte) ([]byte, error) {
	if p.Answers != nil {
		if output, err := p.Answers.Answer(path, step, input); output != nil || err != nil {
			return output, err
		}
	}
	return StandIn(step), nil
}

// Render writes for a person what a run would do and how it would end.
func (t *Trace) Render(w io.Writer, lang Lang) error {
	var out strings.Builder
	for i := range t.Effects {
		e := &t.Effects[i]
		fmt.Fprintf(&out, "  %s  %s: %s  %s\n", e.Path, e.Kind, e.Target, e.Input)
	}
	kind := outcomeWords[t.Outcome]
	fmt.Fprintf(&out, "  → %s", lang.Pick(kind.Text()))
	if t.Reason != "" {
		fmt.Fprintf(&out, ": %s", t.Reason)
	}
	out.WriteByte('\n')
	_, err := io.WriteString(w, out.String())
	return err
}

var outcomeWords = map[Outcome]diag.Kind{
	OutcomeDone:    {EN: "done", JA: "完了"},
	OutcomeIgnored: {EN: "nothing to do: the flow's condition does not hold", JA: "条件に合わないため何もしません"},
	OutcomeStopped: {EN: "stopped", JA: "途中で終了"},
	OutcomeFailed:  {EN: "failed", JA: "失敗"},
}
