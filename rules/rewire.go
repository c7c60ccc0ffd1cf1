package rules

import (
	"cmp"
	"maps"
	"slices"
)

// Rewired returns the flow with other connections in the place of some that
// its steps name. The others must be of the same connectors: nothing is
// checked again. What the flow is on stays.
func (f *Flow) Rewired(connections map[string]string) *Flow {
	if len(connections) == 0 {
		return f
	}
	return rewiring(func(name string) string { return cmp.Or(connections[name], name) }).flow(f)
}

// Connections returns the names that the flow's steps have for connections, in
// order: those that [Flow.Rewired] can put others in the place of.
func (f *Flow) Connections() []string {
	named := make(map[string]bool)
	rewiring(func(name string) string {
		named[name] = true
		return name
	}).flow(f)
	delete(named, "") // of a step that names none
	return slices.Sorted(maps.Keys(named))
}

// rewiring says which connection takes the place of the one of that name.
type rewiring func(name string) string

func (w rewiring) flow(f *Flow) *Flow {
	c := *f
	c.Steps = w.steps(f.Steps)
	return &c
}

func (w rewiring) steps(steps []*Step) []*Step {
	rewired := make([]*Step, len(steps))
	for i, s := range steps {
		c := *s
		c.Do = w.doing(s.Do)
		rewired[i] = &c
	}
	return rewired
}

func (w rewiring) doing(do Doing) Doing {
	switch d := do.(type) {
	case *Call:
		c := *d
		c.Connection = w(d.Connection)
		return &c
	case *Upsert:
		c := *d
		c.Connection, c.FromConnection = w(d.Connection), w(d.FromConnection)
		return &c
	case *Link:
		c := *d
		c.FromConnection, c.ToConnection = w(d.FromConnection), w(d.ToConnection)
		return &c
	case *Linked:
		c := *d
		c.FromConnection, c.ToConnection = w(d.FromConnection), w(d.ToConnection)
		return &c
	default:
		return w.nesting(do)
	}
}

// nesting rewires what holds other steps; what does neither stays as it is.
func (w rewiring) nesting(do Doing) Doing {
	switch d := do.(type) {
	case *Switch:
		c := *d
		c.Cases = make([]Case, len(d.Cases))
		for i := range d.Cases {
			c.Cases[i] = Case{When: d.Cases[i].When, Steps: w.steps(d.Cases[i].Steps)}
		}
		c.Otherwise = w.steps(d.Otherwise)
		return &c
	case *Foreach:
		c := *d
		c.Steps = w.steps(d.Steps)
		if d.Pages != nil {
			pages := *d.Pages
			pages.Connection = w(d.Pages.Connection)
			c.Pages = &pages
		}
		return &c
	case *SubFlow:
		c := *d
		c.Flow = w.flow(d.Flow)
		return &c
	default:
		return do
	}
}
