package rehearse

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Case is a test made of a real run, with made-up people in it.
type Case struct {
	Name, Flow string
	event      *rules.Event
	results    map[string]json.RawMessage
	errors     map[string]*abi.Error
	trace      *rules.Trace
	// asked are the paths of the answers that the flow waits for, as it is now.
	asked map[string]bool
}

// DivergesError says that the flow takes another way with made-up values.
type DivergesError struct{ Steps []string }

func (e *DivergesError) Error() string {
	return "with made-up values the flow takes another way: " + strings.Join(e.Steps, ", ")
}

// NewCase makes a test of a run's event and journal for the flow as it is now.
// A *DivergesError says that it would test another way through the flow than
// the run took: then a value that decides must be kept.
func NewCase(name string, flow *rules.Flow, event host.Event, journal []host.StepRecord, mask *Mask) (*Case, error) {
	c := &Case{
		Name: name, Flow: flow.ID, results: map[string]json.RawMessage{}, errors: map[string]*abi.Error{}, asked: map[string]bool{},
		event: &rules.Event{
			ID: "test", Connection: flow.On.Connection, Source: "musubi:" + flow.On.Connection, Type: flow.On.Event,
			Subject: event.Subject, Time: event.Time.UTC().Truncate(time.Second), Data: event.Data,
		},
	}
	for _, s := range journal {
		switch {
		case s.State == host.StepDone && len(s.Output) > 0 && s.Call != "":
			c.results[s.Path] = s.Output
		case s.State == host.StepFailed && s.Error != nil && s.Call != "":
			c.errors[s.Path] = s.Error
		}
	}
	real := c.simulate(flow)
	c.forgetUnasked()
	if err := c.mask(mask); err != nil {
		return nil, err
	}
	c.trace = c.simulate(flow)
	if steps := different(real, c.trace); len(steps) > 0 {
		return nil, &DivergesError{Steps: steps}
	}
	return c, nil
}

func (c *Case) simulate(flow *rules.Flow) *rules.Trace {
	ev := &rules.Event{
		ID: c.event.ID, Connection: c.event.Connection, Source: c.event.Source, Type: c.event.Type,
		Subject: c.event.Subject, Time: c.event.Time, Data: c.event.Data,
	}
	return flow.Simulate(ev, c)
}

// Answer implements [rules.Answers] with what was recorded.
func (c *Case) Answer(path string, step *rules.Step, _ []byte) ([]byte, error) {
	c.asked[path] = true
	if fault := c.errors[path]; fault != nil {
		return nil, fault
	}
	if output := c.results[path]; output != nil {
		return output, nil
	}
	return rules.StandIn(step), nil
}

// forgetUnasked drops what steps answered that the flow no longer has, or calls otherwise.
func (c *Case) forgetUnasked() {
	maps.DeleteFunc(c.results, func(path string, _ json.RawMessage) bool { return !c.asked[path] })
	maps.DeleteFunc(c.errors, func(path string, _ *abi.Error) bool { return !c.asked[path] })
}

func (c *Case) mask(m *Mask) error {
	var err error
	if c.event.Data, err = m.JSON(c.event.Data); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(c.results)) {
		if c.results[path], err = m.JSON(c.results[path]); err != nil {
			return fmt.Errorf("step %s: %w", path, err)
		}
	}
	c.event.Subject = m.Subject(c.event.Subject)
	for path, fault := range c.errors {
		c.errors[path] = &abi.Error{Kind: fault.Kind, Code: fault.Code, Message: m.Text(fault.Message)}
	}
	return nil
}

// different names the steps and branches that only one of two traces takes.
func different(a, b *rules.Trace) []string {
	var steps []string
	for _, way := range []struct{ one, other *rules.Trace }{{a, b}, {b, a}} {
		for path := range way.one.Taken {
			if !way.other.Taken[path] {
				steps = append(steps, path)
			}
		}
	}
	if len(steps) == 0 && a.Outcome != b.Outcome {
		steps = append(steps, string(a.Outcome), string(b.Outcome))
	}
	slices.Sort(steps)
	return steps
}
