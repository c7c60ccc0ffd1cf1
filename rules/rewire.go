package rules

// Rewired returns the flow with other connections in the place of some that
// its steps name. The others must be of the same connectors: nothing is
// checked again. What the flow is on stays.
func (f *Flow) Rewired(connections map[string]string) *Flow {
	if len(connections) == 0 {
		return f
	}
	w := rewiring(connections)
	c := *f
	c.Steps = w.steps(f.Steps)
	return &c
}

// rewiring says which connection takes the place of which.
type rewiring map[string]string

func (w rewiring) name(connection string) string {
	if other := w[connection]; other != "" {
		return other
	}
	return connection
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
		c.Connection = w.name(d.Connection)
		return &c
	case *Upsert:
		c := *d
		c.Connection, c.FromConnection = w.name(d.Connection), w.name(d.FromConnection)
		return &c
	case *Link:
		c := *d
		c.FromConnection, c.ToConnection = w.name(d.FromConnection), w.name(d.ToConnection)
		return &c
	case *Linked:
		c := *d
		c.FromConnection, c.ToConnection = w.name(d.FromConnection), w.name(d.ToConnection)
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
			pages.Connection = w.name(d.Pages.Connection)
			c.Pages = &pages
		}
		return &c
	case *SubFlow:
		c := *d
		c.Flow = d.Flow.Rewired(w)
		return &c
	default:
		return do
	}
}
