package rules

import (
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Selected is a flow that takes an event.
type Selected struct {
	Flow *Flow
	// Lane is the key whose events are handled in order.
	Lane string
	// Err says that the flow's condition or key has no value for this event.
	Err error
}

// Select returns the enabled flows that take an event, sorted by ID: those that
// start on it and whose condition holds, or cannot be evaluated. The event is
// decoded once, and what several conditions ask is decided once.
func (s *Set) Select(ev *Event) []Selected {
	m := s.byEvent[eventKey{ev.Connection, ev.Type}]
	if m == nil {
		return nil
	}
	return m.match(ev)
}

// Select says whether a flow takes an event that is meant for it alone, as a
// schedule's is.
func (f *Flow) Select(ev *Event) (Selected, bool) { return f.selected(ev, unsure) }

// matcher decides which of the flows of one trigger take an event.
type matcher struct {
	flows []*Flow
	// listeners are the flows again, with what decides about them side by side in memory.
	listeners []listener
	// atoms are what the conditions ask, ways what of the event they look at; each once.
	atoms []atom
	ways  [][]string
	// keys are equalities that flows cannot do without.
	keys []key
}

type listener struct {
	flow *Flow
	test check
	// keyed flows are found by a key; others are always looked at.
	keyed bool
	// laned flows have a key of their own for their order.
	laned bool
}

// key finds flows by a value that their conditions demand at a way.
type key struct {
	way   int
	flows map[ref.Val][]int
	all   []int
}

func newMatcher(flows []*Flow) *matcher {
	c := &checks{ways: map[string]int{}, known: map[string]int{}}
	m := &matcher{flows: flows, listeners: make([]listener, len(flows))}
	for i, f := range flows {
		m.listeners[i] = listener{flow: f, laned: f.Lane != nil, test: check{op: always}}
		if f.When != nil {
			m.listeners[i].test = c.of(f, f.When.checked.Test)
		}
	}
	m.ways, m.atoms = c.list, c.atoms
	m.index()
	return m
}

// index keeps one demanded equality of each flow that has one.
func (m *matcher) index() {
	at := map[int]int{}
	for i := range m.listeners {
		demand, found := m.listeners[i].test.demand(m.atoms)
		if !found {
			continue
		}
		a := &m.atoms[demand]
		n, known := at[a.way]
		if !known {
			n = len(m.keys)
			at[a.way] = n
			m.keys = append(m.keys, key{way: a.way, flows: map[ref.Val][]int{}})
		}
		m.listeners[i].keyed = true
		m.keys[n].all = append(m.keys[n].all, i)
		for _, v := range a.values {
			m.keys[n].flows[v] = append(m.keys[n].flows[v], i)
		}
	}
}

// match decides for all flows.
func (m *matcher) match(ev *Event) []Selected {
	seen, err := ev.as(m.flows[0].types)
	if err != nil {
		return m.undecodable(ev, err)
	}
	q := m.question(seen)
	wanted := m.wanted(q.facts)
	selected := make([]Selected, 0, len(wanted))
	for i := range m.listeners {
		l := &m.listeners[i]
		if l.keyed && !wanted[i] {
			continue
		}
		switch verdict := l.test.decide(q); {
		case verdict == no:
		case verdict == yes && !l.laned:
			selected = append(selected, Selected{l.flow, ev.Subject, nil})
		default:
			if s, takes := l.flow.selected(ev, verdict); takes {
				selected = append(selected, s)
			}
		}
	}
	return selected
}

// undecodable is an event whose data is no object of its trigger's shape: no
// flow can say whether it wants it.
func (m *matcher) undecodable(ev *Event, err error) []Selected {
	all := make([]Selected, len(m.flows))
	for i, f := range m.flows {
		all[i] = Selected{f, ev.Subject, undecodable(ev, err)}
	}
	return all
}

// undecodable says that the event's data is of another shape.
func undecodable(ev *Event, err error) error {
	return &abi.Error{Kind: abi.Invalid, Message: "reading the data of event " + ev.ID + ": " + faultText(err).EN}
}

// wanted marks the flows whose demanded value the event has, or may have.
func (m *matcher) wanted(facts []fact) []bool {
	wanted := make([]bool, len(m.listeners))
	for _, k := range m.keys {
		flows := k.all
		if f := facts[k.way]; f.sure && f.val != nil && plain(f.val) {
			flows = k.flows[f.val]
		}
		for _, i := range flows {
			wanted[i] = true
		}
	}
	return wanted
}

// selected asks CEL where the test could not decide, and for the lane.
func (f *Flow) selected(ev *Event, known verdict) (Selected, bool) {
	s, err := f.Begin(ev)
	if err != nil {
		return Selected{f, ev.Subject, err}, true
	}
	if known == unsure {
		takes, err := f.Selects(s)
		if err != nil || !takes {
			return Selected{f, ev.Subject, err}, err != nil
		}
	}
	lane, err := f.LaneKey(s)
	return Selected{f, lane, err}, true
}
