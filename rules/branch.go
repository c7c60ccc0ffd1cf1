package rules

import (
	"strconv"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/source"
)

// ifStep reads if, then, else: a switch of one case.
func (b *builder) ifStep(s *stepReader) outcome {
	d := &Switch{}
	s.step.Do = d
	condition := b.values(s.view).condition(s.keys["if"])
	j := &junction{builder: b, before: s.view}
	if n := s.keys["then"]; n == nil {
		b.add(s.node, keyMissing, "then")
	} else {
		steps, out := b.sequence(n, s.place+".1.", s.view.holding(condition))
		d.Cases = []Case{{When: condition, Steps: steps}}
		j.add(out)
	}
	rest := s.view.failing(condition)
	if n := s.keys["else"]; n != nil {
		var out outcome
		d.Otherwise, out = b.sequence(n, s.place+".2.", rest)
		j.add(out)
	} else {
		j.add(outcome{view: rest})
	}
	return j.outcome()
}

// switchStep reads a list of cases, of which the first that holds is taken.
func (b *builder) switchStep(s *stepReader) outcome {
	d := &Switch{}
	s.step.Do = d
	node := s.keys["switch"]
	j := &junction{builder: b, before: s.view}
	if !node.IsList() || len(node.Items()) == 0 {
		b.add(node, casesWanted)
		return outcome{view: s.view}
	}
	rest, closed := s.view, false
	for i, item := range node.Items() {
		prefix := s.place + "." + strconv.Itoa(i+1) + "."
		if closed {
			b.add(item, afterOtherwise)
			break
		}
		if n := item.Get("otherwise"); n != nil {
			b.mapping(item, whatCase, []string{"otherwise"})
			var out outcome
			d.Otherwise, out = b.sequence(n, prefix, rest)
			j.add(out)
			closed = true
			continue
		}
		rest = b.caseOf(d, item, prefix, rest, j)
	}
	if !closed {
		j.add(outcome{view: rest})
	}
	return j.outcome()
}

// caseOf reads one case and returns what is known when it is not taken.
func (b *builder) caseOf(d *Switch, item *source.Node, prefix string, v view, j *junction) view {
	keys := b.mapping(item, whatCase, []string{"when", "steps"})
	if !item.IsMap() {
		return v
	}
	for _, key := range []string{"when", "steps"} {
		if keys[key] == nil {
			b.add(item, keyMissing, key)
			return v
		}
	}
	condition := b.values(v).condition(keys["when"])
	steps, out := b.sequence(keys["steps"], prefix, v.holding(condition))
	d.Cases = append(d.Cases, Case{When: condition, Steps: steps})
	j.add(out)
	return v.failing(condition)
}

// junction is where the branches of a switch come together again: what every
// branch knows that goes on is known behind it.
type junction struct {
	*builder
	before view
	open   []outcome // branches that go on
	any    bool
}

func (j *junction) add(out outcome) {
	j.any = true
	if !out.ends {
		j.open = append(j.open, out)
	}
}

func (j *junction) outcome() outcome {
	if len(j.open) == 0 {
		return outcome{view: j.before, ends: j.any}
	}
	bound := j.merged()
	facts := j.open[0].view.facts
	for _, out := range j.open[1:] {
		facts = facts.Both(out.view.facts)
	}
	return outcome{view: view{j.before.names.With(bound...), facts}, bound: bound}
}

// merged returns the names of all branches; one that not every branch gives may be absent.
func (j *junction) merged() []expr.Var {
	count := map[string]int{}
	vars := map[string]expr.Var{}
	var order []string
	for _, out := range j.open {
		for _, v := range out.bound {
			if count[v.Name] == 0 {
				order = append(order, v.Name)
			}
			count[v.Name]++
			v.Maybe = v.Maybe || vars[v.Name].Maybe
			vars[v.Name] = v
		}
	}
	merged := make([]expr.Var, 0, len(order))
	for _, name := range order {
		v := vars[name]
		v.Maybe = v.Maybe || count[name] < len(j.open)
		merged = append(merged, v)
	}
	return merged
}
