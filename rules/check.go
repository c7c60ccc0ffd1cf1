package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
)

// verdict is what is known of a condition; unsure leaves it to CEL.
type verdict int8

const (
	unasked verdict = iota
	unsure
	no
	yes
)

func verdictOf(holds bool) verdict {
	if holds {
		return yes
	}
	return no
}

// Besides the operators of tests, a check may hold always, or ask an atom.
const (
	always expr.Op = -1
	asks   expr.Op = -2
)

// check is a flow's condition over the atoms of its trigger.
type check struct {
	op   expr.Op
	of   []check
	atom int
}

// checks collects what the flows of a trigger ask.
type checks struct {
	ways  map[string]int
	list  [][]string
	known map[string]int
	atoms []atom
}

// of takes over a flow's test. Parameters are constants there; what asks for
// anything but the event is left to CEL.
func (c *checks) of(f *Flow, t *expr.Test) check {
	if t == nil {
		return check{}
	}
	if t.Of != nil {
		made := check{op: t.Op, of: make([]check, len(t.Of))}
		for i, part := range t.Of {
			made.of[i] = c.of(f, part)
		}
		return made
	}
	if t.Key != "" {
		return c.shared(t)
	}
	if t.Op == expr.Unsure || t.Left.Way[0] != nameEvent {
		return check{}
	}
	values := t.Right.Values
	if t.Right.Way != nil {
		if values = f.param(t.Right.Way); values == nil {
			return check{}
		}
	}
	return c.ask(atom{op: t.Op, way: c.way(t.Left.Way[1:]), values: values})
}

// shared asks what CEL decides once for all flows that ask the same.
func (c *checks) shared(t *expr.Test) check {
	if at, known := c.known["="+t.Key]; known {
		return check{op: asks, atom: at}
	}
	part, err := t.Plan()
	if err != nil { // the flow's whole condition could be planned, and decides
		return check{}
	}
	c.known["="+t.Key] = len(c.atoms)
	c.atoms = append(c.atoms, atom{part: part})
	return check{op: asks, atom: len(c.atoms) - 1}
}

// ask returns the check of an atom, which is there once.
func (c *checks) ask(a atom) check {
	id := a.id()
	at, known := c.known[id]
	if !known {
		at = len(c.atoms)
		c.known[id] = at
		c.atoms = append(c.atoms, a)
	}
	return check{op: asks, atom: at}
}

// way returns the place of a way within the event.
func (c *checks) way(names []string) int {
	id := strings.Join(names, "\x00")
	if at, known := c.ways[id]; known {
		return at
	}
	c.ways[id] = len(c.list)
	c.list = append(c.list, names)
	return len(c.list) - 1
}

// param returns the value that a parameter always has.
func (f *Flow) param(way []string) []ref.Val {
	params, ok := f.types.paramValues.(*shape.Object)
	if !ok || way[0] != nameParams {
		return nil
	}
	val, sure := params.Find(way[1:])
	if !sure || val == nil {
		return nil
	}
	return []ref.Val{val}
}

// demand returns an equality that must hold for the whole to hold.
func (c *check) demand(atoms []atom) (int, bool) {
	switch c.op {
	case expr.And:
		for i := range c.of {
			if at, found := c.of[i].demand(atoms); found {
				return at, true
			}
		}
	case asks:
		a := &atoms[c.atom]
		odd := slices.ContainsFunc(a.values, func(v ref.Val) bool { return !plain(v) })
		return c.atom, !odd && (a.op == expr.Equal || a.op == expr.In)
	default:
	}
	return 0, false
}

// decide says whether the condition holds, as CEL would.
func (c *check) decide(q *question) verdict {
	switch c.op {
	case always:
		return yes
	case asks:
		return q.ask(c.atom)
	case expr.And:
		return c.all(q, no, yes)
	case expr.Or:
		return c.all(q, yes, no)
	case expr.Not:
		return [...]verdict{unsure: unsure, no: yes, yes: no}[c.of[0].decide(q)]
	default:
		return unsure
	}
}

// all is decisive when one part is, whatever the others are, as in CEL; else
// every part must be known.
func (c *check) all(q *question, decisive, otherwise verdict) verdict {
	for i := range c.of {
		switch c.of[i].decide(q) {
		case decisive:
			return decisive
		case unsure:
			otherwise = unsure
		default:
		}
	}
	return otherwise
}

// id is the same for atoms that ask the same.
func (a *atom) id() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d", a.op, a.way)
	for _, v := range a.values {
		fmt.Fprintf(&b, " %s %q", v.Type().TypeName(), fmt.Sprint(v.Value()))
	}
	return b.String()
}
