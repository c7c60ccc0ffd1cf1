// Package rehearse runs flows on recorded events without changing anything:
// dry runs, and tests made of real runs.
package rehearse

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Origin says where the answer of a step came from.
type Origin string

// The origins of answers.
const (
	// FromJournal is what the platform answered in a real run of the event.
	FromJournal Origin = "journal"
	// FromPlatform was read now.
	FromPlatform Origin = "platform"
	// Refused was asked for now, and not answered: the rehearsal's reason says why.
	Refused Origin = "refused"
	// FromLinks was looked up among the links now.
	FromLinks Origin = "links"
	// FromNobody stands for the answer to what was not carried out.
	FromNobody Origin = "not_carried_out"
	// Unknown ends the rehearsal: only the platform could tell.
	Unknown Origin = "unknown"
)

// Platforms is how a rehearsal looks at the world. Either may be nil: then
// nothing is looked at.
type Platforms struct {
	// Read calls an action that changes nothing.
	Read func(connection, action string, input json.RawMessage) (json.RawMessage, error)
	// Links finds what records are linked to.
	Links func(f host.LinkFilter) ([]host.Link, error)
}

// Answers stand in for the connectors when a flow is rehearsed on an event. A
// reading call is answered from the journals of the event's real runs, else by
// the platform, a linked step by what is linked. Nothing else ever goes out.
type Answers struct {
	event   host.Event
	look    Platforms
	same    map[string]json.RawMessage
	at      map[string]json.RawMessage
	origins map[string]Origin
}

// NewAnswers returns answers for one event. The journal holds the steps of its real runs.
func NewAnswers(event host.Event, journal []host.StepRecord, look Platforms) *Answers {
	a := &Answers{
		event: event, look: look,
		same: map[string]json.RawMessage{}, at: map[string]json.RawMessage{}, origins: map[string]Origin{},
	}
	for _, s := range journal {
		if s.State == host.StepDone && len(s.Output) > 0 {
			a.same[callKey(s.Call, s.Input)] = s.Output
			a.at[s.Path] = s.Output
		}
	}
	return a
}

// Origin says where the answer of a step came from; empty for steps that need none.
func (a *Answers) Origin(path string) Origin { return a.origins[path] }

// Answer implements [rules.Answers].
func (a *Answers) Answer(path string, step *rules.Step, input []byte) ([]byte, error) {
	var output []byte
	var origin Origin
	var err error
	switch d := step.Do.(type) {
	case *rules.Call:
		output, origin, err = a.call(path, d, input)
	case *rules.Upsert:
		output, origin, err = a.upsert(path, d, input)
	case *rules.Linked:
		output, origin, err = a.linked(d, input)
	case *rules.Foreach:
		output, origin, err = a.page(d.Pages, input)
	default:
		return nil, fmt.Errorf("a step %T has no answer", d)
	}
	if origin == FromPlatform && err != nil {
		origin = Refused
	}
	a.origins[path] = origin
	if origin == FromNobody && output == nil {
		output = rules.StandIn(step)
	}
	return output, err
}

func (a *Answers) call(path string, d *rules.Call, input []byte) ([]byte, Origin, error) {
	target := d.Connection + "." + d.Action.Name
	if output := a.same[callKey(target, input)]; output != nil {
		return output, FromJournal, nil
	}
	switch {
	case !d.Action.Reads:
		return a.at[path], FromNobody, nil
	case a.look.Read == nil:
		return nil, Unknown, &abi.Error{Kind: abi.Unavailable, Message: "what " + target + " answers to this is not known"}
	}
	output, err := a.look.Read(d.Connection, d.Action.Name, input)
	return output, FromPlatform, err
}

// page fetches one page of a list. What a poll would find nobody knows
// beforehand; the list is taken for empty.
func (a *Answers) page(p *rules.Pages, input []byte) ([]byte, Origin, error) {
	if p.Action == nil || a.look.Read == nil {
		return nil, FromNobody, nil
	}
	output, err := a.look.Read(p.Connection, p.Action.Name, input)
	return output, FromPlatform, err
}

// callKey is equal for calls of the same action with equal input.
func callKey(call string, input []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(input))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return call + " " + string(input)
	}
	canonical, err := json.Marshal(value)
	if err != nil {
		return call + " " + string(input)
	}
	return call + " " + string(canonical)
}
