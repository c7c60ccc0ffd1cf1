package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/sdk/abi"
)

func endWith(outcome Outcome, reason *Template, s *Scope) error {
	text, err := reason.String(s)
	if err != nil {
		return err
	}
	return &ended{outcome, text}
}

func (m *simulation) call(path string, step *Step, d *Call, s *Scope) error {
	input, err := d.With.JSON(s)
	if err != nil {
		return err
	}
	m.effect(path, "call", d.Connection+"."+d.Action.Name, input)
	return m.answer(path, step, input, s)
}

func (m *simulation) upsert(path string, step *Step, d *Upsert, s *Scope) error {
	input, err := fields(s, named{"object", d.Object}, named{"match", d.Match}, named{"set", d.Set}, named{"create", d.Create}, named{"from", d.fromEnd()})
	if err != nil {
		return err
	}
	m.effect(path, "upsert", d.Connection, input)
	return m.answer(path, step, input, s)
}

// fromEnd is the record that an upsert links, as tests write it.
func (d *Upsert) fromEnd() *Template {
	if d.FromConnection == "" || d.From == nil {
		return d.From
	}
	return &Template{at: d.From.at, root: record{
		{"connection", constant{types.String(d.FromConnection)}}, {"id", d.From.root},
	}}
}

func (m *simulation) answer(path string, step *Step, input []byte, s *Scope) error {
	output, err := m.answers.Answer(path, step, input)
	if err != nil {
		return err
	}
	return s.Bind(step, output)
}

func (m *simulation) choose(path string, step *Step, d *Switch, s *Scope) error {
	prefix := path[:len(path)-len(step.Path)]
	for i, c := range d.Cases {
		holds, err := c.When.Holds(s)
		if err != nil {
			return err
		}
		if holds {
			m.trace.Taken[branchName(step, i)] = true
			return m.steps(prefix, c.Steps, s)
		}
	}
	m.trace.Taken[branchName(step, len(d.Cases))] = true
	return m.steps(prefix, d.Otherwise, s)
}

// branchName names a branch of a switch; the branch behind the last case is otherwise.
func branchName(step *Step, i int) string { return step.Path + "#" + strconv.Itoa(i+1) }

func (m *simulation) each(path string, step *Step, d *Foreach, s *Scope) error {
	if d.Pages != nil {
		return m.eachPage(path, step, d, s)
	}
	items, err := d.In.Items(s)
	if err != nil {
		return err
	}
	return m.items(path+"[", d, items, s)
}

// items performs the inner steps for each item, under the paths that begin with prefix.
func (m *simulation) items(prefix string, d *Foreach, items [][]byte, s *Scope) error {
	var first error
	for i, item := range items {
		inner := s.Fork()
		if err := inner.BindName(d.As, d.Item, item); err != nil {
			return err
		}
		err := m.steps(prefix+strconv.Itoa(i)+"].", d.Steps, inner)
		if _, stops := errors.AsType[*ended](err); stops || (err != nil && !d.Continue) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// SimulatedPages bounds how many pages a simulation goes through.
const SimulatedPages = 20

// eachPage asks for page after page. Its items have paths like items[0.3]: page, then place.
func (m *simulation) eachPage(path string, step *Step, d *Foreach, s *Scope) error {
	var next json.RawMessage
	var first error
	for n := range SimulatedPages {
		input, err := d.Pages.Input(s, next)
		if err != nil {
			return err
		}
		place := path + "[" + strconv.Itoa(n)
		m.effect(place+"]", "call", d.Pages.Name(), input)
		answer, err := m.answers.Answer(place+"]", step, input)
		if err != nil {
			return err
		}
		page, err := d.Pages.Read(answer)
		if err != nil {
			return err
		}
		err = m.items(place+".", d, rawItems(page.Items), s)
		if _, stops := errors.AsType[*ended](err); stops || (err != nil && !d.Continue) {
			return err
		}
		if first == nil {
			first = err
		}
		if next = page.Next; len(next) == 0 {
			return first
		}
	}
	m.trace.Cut = append(m.trace.Cut, path)
	return first
}

func rawItems(items []json.RawMessage) [][]byte {
	raw := make([][]byte, len(items))
	for i, item := range items {
		raw[i] = item
	}
	return raw
}

func assignAll(d *Assign, s *Scope) error {
	for i, name := range d.Names {
		data, err := d.Values[i].JSON(s)
		if err != nil {
			return err
		}
		if err := s.BindName(name, nil, data); err != nil {
			return err
		}
	}
	return nil
}

func (m *simulation) wait(path string, step *Step, d *Wait, s *Scope) error {
	until := m.now
	if d.For != nil {
		duration, err := d.For.Duration(s)
		if err != nil {
			return err
		}
		until = until.Add(duration)
	} else {
		var err error
		if until, err = d.Until.Time(s); err != nil {
			return err
		}
		if d.IfPast == IfPastSkip && until.Before(m.now) {
			return &ended{OutcomeStopped, "the time to wait for was over already: " + until.Format(time.RFC3339)}
		}
	}
	m.effect(path, "wait", until.Format(time.RFC3339), []byte("{}"))
	if until.After(m.now) {
		m.now = until
	}
	at, err := json.Marshal(map[string]time.Time{"at": m.now})
	if err != nil {
		return fmt.Errorf("writing when a wait is over: %w", err)
	}
	return s.Bind(step, at)
}

func (m *simulation) link(path string, d *Link, s *Scope) error {
	from, err := d.FromID.String(s)
	if err != nil {
		return err
	}
	to, err := d.ToID.String(s)
	if err != nil {
		return err
	}
	input, err := json.Marshal(map[string]LinkEnd{"from": {d.FromConnection, from}, "to": {d.ToConnection, to}})
	if err != nil {
		return fmt.Errorf("writing a link: %w", err)
	}
	m.effect(path, "link", d.Kind, input)
	return nil
}

func (m *simulation) linked(path string, step *Step, d *Linked, s *Scope) error {
	from := LinkEnd{Connection: m.event.Connection, ID: m.event.Subject}
	if d.FromID != nil {
		id, err := d.FromID.String(s)
		if err != nil {
			return err
		}
		from = LinkEnd{d.FromConnection, id}
	}
	input, err := json.Marshal(LinkQuery{From: from, To: d.ToConnection})
	if err != nil {
		return fmt.Errorf("writing a link: %w", err)
	}
	m.effect(path, "linked", d.Kind, input)
	return m.answer(path, step, input, s)
}

func (m *simulation) emit(path string, d *Emit, s *Scope) error {
	input, err := fields(s, named{"subject", d.Subject}, named{"with", d.Data})
	if err != nil {
		return err
	}
	m.effect(path, "emit", d.Event, input)
	return nil
}

func (m *simulation) subFlow(path string, d *SubFlow, s *Scope) error {
	params, err := d.Params.JSON(s)
	if err != nil {
		return err
	}
	inner, err := d.Enter(s, params)
	if err != nil {
		return err
	}
	err = m.steps(path+"/", d.Flow.Steps, inner)
	if e, ok := errors.AsType[*ended](err); ok && e.outcome == OutcomeStopped {
		return nil
	}
	return err
}

func (m *simulation) effect(path, kind, target string, input []byte) {
	m.trace.Effects = append(m.trace.Effects, Effect{path, kind, target, input})
}

type named struct {
	name string
	t    *Template
}

// fields evaluates the templates that are there to one JSON object.
func fields(s *Scope, all ...named) ([]byte, error) {
	object := map[string]json.RawMessage{}
	for _, n := range all {
		if n.t == nil {
			continue
		}
		data, err := n.t.JSON(s)
		if err != nil {
			return nil, err
		}
		object[n.name] = data
	}
	data, err := json.Marshal(object)
	if err != nil {
		return nil, &abi.Error{Kind: abi.Internal, Message: "writing the fields of a step: " + err.Error()}
	}
	return data, nil
}
