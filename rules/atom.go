package rules

import (
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
)

// atom is one thing that conditions ask of an event: how what stands at a way
// compares with constants, or a part that only CEL can decide.
type atom struct {
	op     expr.Op
	way    int
	values []ref.Val
	part   *expr.Decider
}

// fact is what stands at the end of a way in one event.
type fact struct {
	val ref.Val // nil if it is absent
	// sure is false when only CEL can tell.
	sure bool
}

// question is one event that all flows of its trigger are asked about.
type question struct {
	atoms []atom
	facts []fact
	// known holds the atoms that were decided.
	known []verdict
	vars  variables
	room  [2]variable
}

func (m *matcher) question(seen *seenEvent) *question {
	q := &question{atoms: m.atoms, known: make([]verdict, len(m.atoms)), facts: make([]fact, len(m.ways))}
	q.room = [2]variable{{nameEvent, seen.event}, {nameNow, seen.now}}
	q.vars.list = q.room[:]
	event, ok := seen.event.(*shape.Object)
	if !ok {
		return q
	}
	for i, way := range m.ways {
		val, sure := event.Find(way)
		q.facts[i] = fact{val, sure}
	}
	return q
}

// ask decides an atom, the first time that somebody asks.
func (q *question) ask(at int) verdict {
	if q.known[at] == unasked {
		q.known[at] = q.decide(&q.atoms[at])
	}
	return q.known[at]
}

func (q *question) decide(a *atom) verdict {
	if a.part != nil {
		holds, known := a.part.Holds(&q.vars)
		if !known {
			return unsure
		}
		return verdictOf(holds)
	}
	f := q.facts[a.way]
	switch {
	case !f.sure:
		return unsure
	case a.op == expr.Has:
		return verdictOf(f.val != nil)
	default:
		return a.compare(f.val)
	}
}

// compare compares values of the same plain kind; all else is left to CEL.
func (a *atom) compare(left ref.Val) verdict {
	for _, right := range a.values {
		if v := compare(a.op, left, right); v != no {
			return v
		}
	}
	return no
}

func compare(op expr.Op, left, right ref.Val) verdict {
	switch l := left.(type) {
	case types.Int:
		if r, ok := right.(types.Int); ok {
			return compareInts(op, l, r)
		}
	case types.String:
		if r, ok := right.(types.String); ok {
			return compareTexts(op, string(l), string(r))
		}
	case types.Bool:
		if r, ok := right.(types.Bool); ok && op == expr.Equal {
			return verdictOf(l == r)
		}
	}
	return unsure
}

func compareInts(op expr.Op, l, r types.Int) verdict {
	switch op {
	case expr.Equal, expr.In:
		return verdictOf(l == r)
	case expr.Less:
		return verdictOf(l < r)
	case expr.LessOrEqual:
		return verdictOf(l <= r)
	case expr.Greater:
		return verdictOf(l > r)
	case expr.GreaterOrEqual:
		return verdictOf(l >= r)
	default:
		return unsure
	}
}

func compareTexts(op expr.Op, l, r string) verdict {
	switch op {
	case expr.Equal, expr.In:
		return verdictOf(l == r)
	case expr.StartsWith:
		return verdictOf(strings.HasPrefix(l, r))
	case expr.EndsWith:
		return verdictOf(strings.HasSuffix(l, r))
	case expr.Contains:
		return verdictOf(strings.Contains(l, r))
	default:
		return unsure
	}
}

// plain says whether equal values are the same key of a map.
func plain(v ref.Val) bool {
	switch v.(type) {
	case types.Int, types.String, types.Bool:
		return true
	default:
		return false
	}
}
