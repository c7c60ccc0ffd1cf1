package rules

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
)

// diagram draws a flow as a Mermaid flowchart.
func diagram(f *Flow, lang Lang) string {
	d := &drawing{lang: lang}
	d.out.WriteString("flowchart TD\n")
	start := d.node("([", startLabel(f), "])")
	loose := d.steps(f.Steps, []arrow{{from: start}})
	if len(loose) > 0 {
		d.connect(loose, d.node("([", lang.Pick(diagramEnd.Text()), "])"))
	}
	return d.out.String()
}

// drawing is a diagram in the making.
type drawing struct {
	lang Lang
	out  strings.Builder
	last int
}

// arrow is one that has not reached its node yet.
type arrow struct {
	from  string
	label string
}

func startLabel(f *Flow) string {
	if f.On.Schedule != nil {
		return f.On.Schedule.Times
	}
	if f.On.Event != "" {
		return f.On.Connection + ": " + f.On.Event
	}
	return f.ID
}

// node draws a node and returns its name.
func (d *drawing) node(open, label, end string) string {
	d.last++
	name := fmt.Sprintf("n%d", d.last)
	fmt.Fprintf(&d.out, "  %s%s\"%s\"%s\n", name, open, escapeLabel(label), end)
	return name
}

func escapeLabel(label string) string {
	return strings.NewReplacer(`"`, "#quot;", "\n", " ", "<", "#lt;", ">", "#gt;").Replace(label)
}

func (d *drawing) connect(arrows []arrow, to string) {
	for _, a := range arrows {
		if a.label == "" {
			fmt.Fprintf(&d.out, "  %s --> %s\n", a.from, to)
			continue
		}
		fmt.Fprintf(&d.out, "  %s -- \"%s\" --> %s\n", a.from, escapeLabel(a.label), to)
	}
}

// steps draws a list of steps and returns the arrows that leave its end.
func (d *drawing) steps(steps []*Step, in []arrow) []arrow {
	for _, step := range steps {
		in = d.step(step, in)
	}
	return in
}

func (d *drawing) step(step *Step, in []arrow) []arrow {
	var skipped []arrow
	if step.When != nil {
		question := d.node("{", step.When.Text(), "}")
		d.connect(in, question)
		in = []arrow{{question, d.lang.Pick(diagramYes.Text())}}
		skipped = []arrow{{question, d.lang.Pick(diagramNo.Text())}}
	}
	return append(d.doing(step, in), skipped...)
}

func (d *drawing) doing(step *Step, in []arrow) []arrow {
	label := step.Title
	if label == "" {
		label = d.lang.Pick(stepText(step))
	}
	switch do := step.Do.(type) {
	case *Switch:
		return d.choice(do, in)
	case *Foreach:
		loop := d.node("[[", label, "]]")
		d.connect(in, loop)
		d.connect(d.steps(do.Steps, []arrow{{loop, do.As}}), loop)
		return []arrow{{from: loop}}
	case *Stop, *Fail:
		d.connect(in, d.node("([", label, "])"))
		return nil
	default:
		n := d.node("[", label, "]")
		d.connect(in, n)
		return []arrow{{from: n}}
	}
}

func (d *drawing) choice(do *Switch, in []arrow) []arrow {
	var out []arrow
	for _, c := range do.Cases {
		question := d.node("{", c.When.Text(), "}")
		d.connect(in, question)
		out = append(out, d.steps(c.Steps, []arrow{{question, d.lang.Pick(diagramYes.Text())}})...)
		in = []arrow{{question, d.lang.Pick(diagramNo.Text())}}
	}
	return append(out, d.steps(do.Otherwise, in)...)
}

var (
	diagramYes = diag.Kind{EN: "yes", JA: "はい"}
	diagramNo  = diag.Kind{EN: "no", JA: "いいえ"}
	diagramEnd = diag.Kind{EN: "done", JA: "完了"}
)
