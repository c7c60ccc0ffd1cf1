package rules

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Explain writes what a flow does in prose, and as a Mermaid diagram.
func Explain(w io.Writer, f *Flow, lang Lang) error {
	e := &explainer{lang: lang}
	title := f.Title
	if title == "" {
		title = f.ID
	}
	fmt.Fprintf(&e.out, "# %s\n\n", title)
	if f.Off {
		e.line(0, explainOff.Text())
	}
	e.line(0, startText(f))
	if f.When != nil {
		e.line(0, explainWhen.Text(f.When.Text()))
	}
	e.line(0, laneText(f))
	e.out.WriteByte('\n')
	e.steps(0, "", f.Steps)
	e.out.WriteString("\n```mermaid\n" + diagram(f, lang) + "```\n")
	_, err := io.WriteString(w, e.out.String())
	return err
}

type explainer struct {
	lang Lang
	out  strings.Builder
}

func (e *explainer) line(depth int, text abi.Text) {
	fmt.Fprintf(&e.out, "%s%s\n", strings.Repeat("   ", depth), e.lang.Pick(text))
}

func startText(f *Flow) abi.Text {
	switch {
	case f.On.Schedule != nil:
		return scheduleText(f.On.Schedule)
	case f.On.Event != "":
		return explainEvent.Text(f.On.Connection, f.On.Event)
	default:
		return explainCalled.Text(f.ID)
	}
}

func scheduleText(s *Schedule) abi.Text {
	if s.Jitter > 0 {
		return explainJitter.Text(s.Times, s.Zone.String(), s.Jitter.String())
	}
	return explainSchedule.Text(s.Times, s.Zone.String())
}

func laneText(f *Flow) abi.Text {
	key := "event.subject"
	if f.Lane != nil {
		key = f.Lane.Text()
	}
	if f.OnFailure == Skip {
		return explainLaneSkip.Text(key)
	}
	return explainLaneBlock.Text(key)
}

func (e *explainer) steps(depth int, prefix string, steps []*Step) {
	for i, step := range steps {
		number := fmt.Sprintf("%s%d", prefix, i+1)
		e.step(depth, number, step)
	}
}

func (e *explainer) step(depth int, number string, step *Step) {
	text := stepText(step)
	if step.When != nil {
		text = explainIf.Text(step.When.Text(), text)
	}
	if step.Title != "" {
		text = abi.Text{EN: step.Title + " (" + text.EN + ")", JA: step.Title + "(" + text.JA + ")"}
	}
	e.line(depth, abi.Text{EN: number + ". " + text.EN, JA: number + ". " + text.JA})
	for _, detail := range details(step) {
		e.line(depth+1, abi.Text{EN: "- " + detail, JA: "- " + detail})
	}
	switch d := step.Do.(type) {
	case *Switch:
		for i, c := range d.Cases {
			e.line(depth+1, explainCase.Text(c.When.Text()))
			e.steps(depth+2, fmt.Sprintf("%s.%d.", number, i+1), c.Steps)
		}
		if d.Otherwise != nil {
			e.line(depth+1, explainOtherwise.Text())
			e.steps(depth+2, fmt.Sprintf("%s.%d.", number, len(d.Cases)+1), d.Otherwise)
		}
	case *Foreach:
		if d.Continue {
			e.line(depth+1, explainGoesOn.Text())
		}
		e.steps(depth+1, number+".", d.Steps)
	default:
	}
}

// stepText says in a sentence what a step does.
func stepText(step *Step) abi.Text {
	switch d := step.Do.(type) {
	case *Call:
		return explainCall.Text(d.Connection, d.Action.Title, d.Action.Name)
	case *Upsert:
		return explainUpsert.Text(d.Connection, d.Object.plainWords())
	case *Switch:
		return explainSwitch.Text()
	case *Foreach:
		if d.Pages != nil {
			return pagesText(d)
		}
		return explainForeach.Text(d.In.Text(), d.As)
	case *Wait:
		if d.For != nil {
			return explainWaitFor.Text(d.For.Text())
		}
		return explainWaitUntil.Text(d.Until.Text())
	case *Assign:
		return explainAssign.Text(strings.Join(d.Names, ", "))
	case *Stop:
		return explainStop.Text(d.Reason.plainWords())
	case *Fail:
		return explainFail.Text(d.Message.plainWords())
	case *Link:
		return explainLink.Text(d.FromConnection+" "+d.FromID.plainWords(), d.ToConnection+" "+d.ToID.plainWords(), d.Kind)
	case *Linked:
		return explainLinked.Text(d.fromWords(), d.ToConnection, d.Kind)
	case *Emit:
		return explainEmit.Text(d.Event)
	case *SubFlow:
		return explainSubFlow.Text(d.Flow.ID)
	default:
		return abi.Text{}
	}
}

func pagesText(d *Foreach) abi.Text {
	if d.Pages.Trigger != nil {
		return explainPolled.Text(d.Pages.Connection, d.Pages.Trigger.Title, d.Pages.Trigger.Name, d.As, d.Pages.Since.Text())
	}
	return explainPages.Text(d.Pages.Connection, d.Pages.Action.Title, d.Pages.Action.Name, d.As)
}

// details lists the values that a step passes on, one per line.
func details(step *Step) []string {
	values := map[string]string{}
	switch d := step.Do.(type) {
	case *Call:
		d.With.flatten("", values)
	case *Upsert:
		d.Match.flatten("match", values)
		d.Set.flatten("set", values)
		d.Create.flatten("create", values)
	case *Assign:
		for i, name := range d.Names {
			d.Values[i].flatten(name, values)
		}
	case *Emit:
		d.Data.flatten("", values)
	case *Foreach:
		if d.Pages != nil {
			d.Pages.With.flatten("", values)
		}
	case *SubFlow:
		d.Params.flatten("", values)
	default:
	}
	lines := make([]string, 0, len(values))
	for name, value := range values {
		lines = append(lines, name+" ← "+strings.ReplaceAll(value, "\n", "⏎"))
	}
	slices.Sort(lines)
	return lines
}

// The sentences of an explanation.
var (
	explainOff       = diag.Kind{EN: "It is switched off: `enabled: false`.", JA: "止めてあります(`enabled: false`)。"}
	explainEvent     = diag.Kind{EN: "Starts when %[1]s announces %[2]s.", JA: "%[1]s で %[2]s が起きたときに始まります。"}
	explainSchedule  = diag.Kind{EN: "Starts on the schedule %[1]q (%[2]s).", JA: "スケジュール「%[1]s」(%[2]s)で始まります。"}
	explainJitter    = diag.Kind{EN: "Starts on the schedule %[1]q (%[2]s), up to %[3]s later.", JA: "スケジュール「%[1]s」(%[2]s)から %[3]s 以内のどこかで始まります。"}
	explainCalled    = diag.Kind{EN: "Runs as a step of other flows.", JA: "ほかのフローのステップとして動きます。"}
	explainWhen      = diag.Kind{EN: "Only when %[1]s.", JA: "%[1]s のときだけ動きます。"}
	explainLaneBlock = diag.Kind{EN: "One after the other for each %[1]s; a failed run holds up the next ones until somebody has dealt with it.", JA: "%[1]s ごとに順番に処理します。失敗すると、対応が済むまで同じ %[1]s の次の処理は待ちます。"}
	explainLaneSkip  = diag.Kind{EN: "One after the other for each %[1]s; a failed run does not hold up the next ones.", JA: "%[1]s ごとに順番に処理します。失敗しても次の処理は止まりません。"}
	explainIf        = diag.Kind{EN: "if %[1]s: %[2]s", JA: "%[1]s のときだけ: %[2]s"}
	explainCall      = diag.Kind{EN: "%[1]s: %[2]s (%[3]s)", JA: "%[1]s: %[2]s(%[3]s)"}
	explainUpsert    = diag.Kind{EN: "%[1]s: update the %[2]s, or create it if there is none", JA: "%[1]s: %[2]s を更新し、なければ作成する"}
	explainSwitch    = diag.Kind{EN: "take the first case that holds", JA: "最初に当てはまる場合だけを行う"}
	explainCase      = diag.Kind{EN: "if %[1]s:", JA: "%[1]s のとき:"}
	explainOtherwise = diag.Kind{EN: "otherwise:", JA: "それ以外のとき:"}
	explainForeach   = diag.Kind{EN: "for each item of %[1]s, called %[2]s:", JA: "%[1]s の 1 件ずつ(%[2]s と呼ぶ)について:"}
	explainGoesOn    = diag.Kind{EN: "- when one item fails, the others are still done; the step fails at the end", JA: "- 1 件が失敗しても残りは処理し、最後にこのステップが失敗します"}
	explainPages     = diag.Kind{EN: "%[1]s: %[2]s (%[3]s), page by page to the end, and for each item, called %[4]s:", JA: "%[1]s: %[2]s(%[3]s)を最後のページまで取得し、その 1 件ずつ(%[4]s と呼ぶ)について:"}
	explainPolled    = diag.Kind{EN: "%[1]s: look for all of this since %[5]s: %[2]s (%[3]s); for each, called %[4]s:", JA: "%[1]s: %[5]s 以降の「%[2]s」(%[3]s)すべてを取得し、その 1 件ずつ(%[4]s と呼ぶ)について:"}
	explainWaitFor   = diag.Kind{EN: "wait for %[1]s", JA: "%[1]s 待つ"}
	explainWaitUntil = diag.Kind{EN: "wait until %[1]s", JA: "%[1]s まで待つ"}
	explainAssign    = diag.Kind{EN: "note the value of %[1]s", JA: "%[1]s の値を決める"}
	explainStop      = diag.Kind{EN: "end here: %[1]s", JA: "ここで終わる: %[1]s"}
	explainFail      = diag.Kind{EN: "fail with the message: %[1]s", JA: "失敗として終わる: %[1]s"}
	explainLink      = diag.Kind{EN: "remember that %[1]s is %[2]s (%[3]s)", JA: "%[1]s と %[2]s が同じものだと記憶する(%[3]s)"}
	explainLinked    = diag.Kind{EN: "look up which record of %[2]s belongs to %[1]s (%[3]s)", JA: "%[1]s に対応する %[2]s のレコードを調べる(%[3]s)"}
	explainEmit      = diag.Kind{EN: "announce %[1]s", JA: "%[1]s というイベントを発生させる"}
	explainSubFlow   = diag.Kind{EN: "run the steps of %[1]s", JA: "フロー %[1]s の手順を行う"}
)
