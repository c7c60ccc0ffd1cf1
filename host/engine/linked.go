package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// linkedResult is what later steps see of a linked step, and what the journal
// keeps; it is empty when there is no link.
type linkedResult struct {
	ID     string `json:"id,omitempty"`
	Object string `json:"object,omitempty"`
}

// linked looks up what a record is linked with. The answer is journaled: the
// run goes on with it even if the link changes meanwhile.
func (x *execution) linked(ctx context.Context, path string, step *rules.Step, d *rules.Linked, scope *rules.Scope) error {
	from := host.Ref{Connection: x.event.Connection, ID: x.event.Subject}
	if d.FromID != nil {
		id, err := d.FromID.String(scope)
		if err != nil {
			return err
		}
		from = host.Ref{Connection: d.FromConnection, ID: id}
	}
	if from.ID == "" {
		return &abi.Error{Kind: abi.Invalid, Message: "a link is looked up by an id, which is empty for this event"}
	}
	result, err := x.lookUp(ctx, d, from)
	if err != nil {
		return err
	}
	input, err := json.Marshal(rules.LinkQuery{From: rules.LinkEnd{Connection: from.Connection, ID: from.ID}, To: d.ToConnection})
	if err != nil {
		return fmt.Errorf("encoding whose link is looked up: %w", err)
	}
	output, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encoding the linked record: %w", err)
	}
	x.record(&host.StepRecord{
		Path: path, State: host.StepDone, Call: "linked." + d.Kind, Input: input, Output: output,
		Started: x.Now(), Ended: x.Now(),
	})
	return scope.Bind(step, output)
}

func (x *execution) lookUp(ctx context.Context, d *rules.Linked, from host.Ref) (linkedResult, error) {
	if err := x.flushLinks(ctx); err != nil {
		return linkedResult{}, err
	}
	link, err := x.Ledger.Linked(ctx, d.Kind, from, d.ToConnection)
	if errors.Is(err, host.ErrNotFound) {
		return linkedResult{}, nil
	}
	if err != nil {
		return linkedResult{}, &unrecorded{err}
	}
	side := link.Other(from)
	return linkedResult{ID: side.ID, Object: side.Object}, nil
}

// flushLinks makes the links durable that earlier steps of this run made, so
// that they are found.
func (x *execution) flushLinks(ctx context.Context) error {
	x.mu.Lock()
	pending := x.linking != nil
	x.mu.Unlock()
	if !pending {
		return nil
	}
	return x.flush(ctx)
}
