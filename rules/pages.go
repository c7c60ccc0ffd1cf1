package rules

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Pages is a list that a connection hands out page by page: what an action
// lists, or what a polled event finds. Exactly one of Action and Trigger is set.
type Pages struct {
	Connection string
	Action     *abi.Action
	With       *Template // Action's input, without where to go on
	Trigger    *abi.Trigger
	Since      *Expr // a timestamp, for Trigger: nothing older is wanted
}

// Page is one page of a list.
type Page struct {
	Items []json.RawMessage
	// Next is where the next page begins; empty behind the last.
	Next json.RawMessage
	// Wait says that the platform still prepares what is to be listed; nil if not.
	Wait *abi.PollWait
}

// Name is connection and action, or connection and event.
func (p *Pages) Name() string {
	if p.Action != nil {
		return p.Connection + "." + p.Action.Name
	}
	return p.Connection + "." + p.Trigger.Name
}

// Input returns what to ask for the page that begins at next; the first page's is empty.
func (p *Pages) Input(s *Scope, next json.RawMessage) ([]byte, error) {
	if p.Trigger != nil {
		return p.pollInput(s, next)
	}
	input, err := p.With.JSON(s)
	if err != nil || len(next) == 0 {
		return input, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(input, &fields); err != nil {
		return nil, fmt.Errorf("reading the input of %s: %w", p.Name(), err)
	}
	fields[abi.PageNext] = next
	return json.Marshal(fields)
}

func (p *Pages) pollInput(s *Scope, next json.RawMessage) ([]byte, error) {
	since, err := p.Since.Time(s)
	if err != nil {
		return nil, err
	}
	in := abi.PollInput{Cursor: next}
	if len(next) == 0 {
		in.Since = since.UTC().Truncate(time.Second)
	}
	return json.Marshal(in)
}

// Read reads what was answered to Input. An answer that is no page is an error of kind Internal.
func (p *Pages) Read(answer []byte) (Page, error) {
	page, err := p.read(answer)
	if err != nil {
		return Page{}, &abi.Error{Kind: abi.Internal, Message: "reading a page of " + p.Name() + ": " + err.Error()}
	}
	return page, nil
}

func (p *Pages) read(answer []byte) (Page, error) {
	if p.Trigger != nil {
		return readPoll(answer)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(answer, &fields); err != nil {
		return Page{}, err
	}
	var page Page
	var next string
	for name, into := range map[string]any{p.Action.Pages: &page.Items, abi.PageNext: &next} {
		if len(fields[name]) == 0 {
			continue
		}
		if err := json.Unmarshal(fields[name], into); err != nil {
			return Page{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	if next != "" {
		page.Next = fields[abi.PageNext]
	}
	return page, nil
}

func readPoll(answer []byte) (Page, error) {
	var poll abi.PollPage
	if err := json.Unmarshal(answer, &poll); err != nil {
		return Page{}, err
	}
	page := Page{Wait: poll.Wait}
	for i := range poll.Events {
		page.Items = append(page.Items, poll.Events[i].Data)
	}
	if poll.More || poll.Wait != nil {
		page.Next = poll.Cursor
	}
	return page, nil
}
