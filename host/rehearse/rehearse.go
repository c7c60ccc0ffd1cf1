package rehearse

import (
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
)

// Rehearse runs the flow for a recorded event. Nothing is changed.
func Rehearse(flow *rules.Flow, event host.Event, answers *Answers) *rules.Trace {
	return flow.Simulate(ruleEvent(event), answers)
}

func ruleEvent(e host.Event) *rules.Event {
	return &rules.Event{
		ID: e.ID, Connection: e.Connection, Source: e.Source, Type: e.Type, Subject: e.Subject,
		Time: e.Time, Received: e.Received, Data: e.Data,
	}
}

// Never is a condition that held for no event.
type Never struct {
	// Line is where it stands in the flow's file, 0 for the flow's own condition.
	Line int `json:"line,omitempty"`
	// When is the condition as it is written.
	When string `json:"when"`
}

// NeverHeld returns the conditions of a flow that held in none of the traces,
// though they were asked: those within a branch that was never taken are left out.
func NeverHeld(flow *rules.Flow, traces []*rules.Trace) []Never {
	c := &conditions{taken: map[string]bool{}}
	selected := false
	for _, t := range traces {
		selected = selected || t.Outcome != rules.OutcomeIgnored
		for path := range t.Taken {
			c.taken[path] = true
		}
	}
	if !selected {
		if flow.When != nil && len(traces) > 0 {
			return []Never{{When: flow.When.Text()}}
		}
		return nil
	}
	c.walk(flow.Steps)
	return c.never
}

type conditions struct {
	taken map[string]bool
	never []Never
}

func (c *conditions) walk(steps []*rules.Step) {
	for _, step := range steps {
		if !c.taken[step.Path] {
			if step.When != nil {
				c.never = append(c.never, Never{Line: step.Line, When: step.When.Text()})
			}
			continue
		}
		switch d := step.Do.(type) {
		case *rules.Switch:
			c.branches(step, d)
		case *rules.Foreach:
			c.walk(d.Steps)
		}
	}
}

func (c *conditions) branches(step *rules.Step, d *rules.Switch) {
	for i := range d.Cases {
		if !c.taken[fmt.Sprintf("%s#%d", step.Path, i+1)] {
			c.never = append(c.never, Never{Line: step.Line, When: d.Cases[i].When.Text()})
			continue
		}
		c.walk(d.Cases[i].Steps)
	}
	if c.taken[fmt.Sprintf("%s#%d", step.Path, len(d.Cases)+1)] {
		c.walk(d.Otherwise)
	}
}
