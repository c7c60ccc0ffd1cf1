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
	// calls are the actions that answered, by path.
	calls map[string]string
	// other are the paths whose answers came from another action than the flow calls there now.
	other map[string]bool
	// called are the paths of the answers by what was asked.
	called   map[string]string
	answered answered
	// moved are the paths whose answers other steps have now.
	moved map[string]bool
	// unused are the paths of the answers that the flow no longer waits for.
	unused []string
	// late says that the flow takes another way when it begins later than the event.
	late bool
}

// answered is what the run's steps answered, whatever became of it since.
type answered struct {
	results map[string]json.RawMessage
	errors  map[string]*abi.Error
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
		Name: name, Flow: flow.ID, results: map[string]json.RawMessage{}, errors: map[string]*abi.Error{},
		asked: map[string]bool{}, calls: map[string]string{}, other: map[string]bool{}, called: map[string]string{}, moved: map[string]bool{},
		event: recordedEvent(flow, event, journal),
	}
	for _, s := range journal {
		switch {
		case s.State == host.StepDone && len(s.Output) > 0 && s.Call != "":
			c.results[s.Path] = s.Output
		case s.State == host.StepFailed && s.Error != nil && s.Call != "":
			c.errors[s.Path] = s.Error
		default:
			continue
		}
		c.calls[s.Path] = s.Call
		c.called[callKey(s.Call, s.Input)] = s.Path
	}
	c.answered = answered{maps.Clone(c.results), maps.Clone(c.errors)}
	real := c.simulate(flow)
	c.forgetUnasked()
	c.beginsLate(flow, real)
	if err := c.mask(mask); err != nil {
		return nil, err
	}
	c.trace = c.simulate(flow)
	if steps := different(real, c.trace); len(steps) > 0 {
		return nil, &DivergesError{Steps: steps}
	}
	return c, nil
}

// Unused are the paths of the run's answers that the test leaves out, as the
// flow no longer waits for them.
func (c *Case) Unused() []string { return c.unused }

// recordedEvent is the event as the test has it. It is received when the run
// began, which decides what is over already for a wait.
func recordedEvent(flow *rules.Flow, event host.Event, journal []host.StepRecord) *rules.Event {
	began := event.Received
	for _, s := range journal {
		if !s.Started.IsZero() && s.Started.After(event.Received) {
			began = s.Started
			break
		}
	}
	happened := event.Time
	if happened.IsZero() {
		happened = event.Received
	}
	return &rules.Event{
		ID: "test", Connection: flow.On.Connection, Source: "musubi:" + flow.On.Connection, Type: flow.On.Event, Subject: event.Subject,
		Time: happened.UTC().Truncate(time.Second), Received: began.UTC().Truncate(time.Second), Data: event.Data,
	}
}

// beginsLate notes whether it matters that the run began later than the event happened.
func (c *Case) beginsLate(flow *rules.Flow, real *rules.Trace) {
	began := c.event.Received
	c.event.Received = time.Time{}
	c.late = len(different(real, c.simulate(flow))) > 0
	if c.late {
		c.event.Received = began
	}
}

func (c *Case) simulate(flow *rules.Flow) *rules.Trace {
	ev := &rules.Event{
		ID: c.event.ID, Connection: c.event.Connection, Source: c.event.Source, Type: c.event.Type,
		Subject: c.event.Subject, Time: c.event.Time, Received: c.event.Received, Data: c.event.Data,
	}
	return flow.Simulate(ev, c)
}

// Answer implements [rules.Answers] with what was recorded.
func (c *Case) Answer(path string, step *rules.Step, input []byte) ([]byte, error) {
	c.asked[path] = true
	c.forgetOther(path, step)
	c.renamed(path, step, input)
	if fault := c.errors[path]; fault != nil {
		return nil, fault
	}
	if output := c.results[path]; output != nil {
		return output, nil
	}
	return rules.StandIn(step), nil
}

// forgetOther drops the answer of a step that kept its name and calls another action now.
func (c *Case) forgetOther(path string, step *rules.Step) {
	if _, calls := step.Do.(*rules.Call); !calls || c.calls[path] == "" || c.calls[path] == rules.ActionName(step) {
		return
	}
	c.other[path] = true
	delete(c.results, path)
	delete(c.errors, path)
	delete(c.calls, path)
}

// renamed gives a step that has no answer that of the recorded step that asked
// the same: the flow has another name for it now.
func (c *Case) renamed(path string, step *rules.Step, input []byte) {
	was := c.called[callKey(rules.ActionName(step), input)]
	if was == "" || c.results[path] != nil || c.errors[path] != nil {
		return
	}
	c.moved[was] = true
	if output := c.answered.results[was]; output != nil {
		c.results[path] = output
	}
	if fault := c.answered.errors[was]; fault != nil {
		c.errors[path] = fault
	}
}

// forgetUnasked drops what steps answered that the flow no longer has, or calls otherwise.
func (c *Case) forgetUnasked() {
	unasked := func(path string) bool {
		if !c.asked[path] && !c.moved[path] {
			c.unused = append(c.unused, path)
		}
		return !c.asked[path]
	}
	maps.DeleteFunc(c.results, func(path string, _ json.RawMessage) bool { return unasked(path) })
	maps.DeleteFunc(c.errors, func(path string, _ *abi.Error) bool { return unasked(path) })
	for path := range c.other {
		if !c.moved[path] {
			c.unused = append(c.unused, path)
		}
	}
	slices.Sort(c.unused)
	c.unused = slices.Compact(c.unused)
	c.called, c.answered = nil, answered{} // what follows is masked
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
