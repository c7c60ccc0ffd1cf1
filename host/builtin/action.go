package builtin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Action is something that the host can do, made by [Read] or [Do].
type Action struct {
	name          string
	title         abi.Text
	reads         bool
	input, output func() (*abi.Schema, error)
	run           func(context.Context, host.Invocation) ([]byte, error)
}

// Handler does what an action says. The invocation's idempotency key is the
// same for every attempt of one step.
type Handler[In, Out any] func(ctx context.Context, call host.Invocation, in In) (Out, error)

// Read declares an action, noun.verb, that changes nothing.
func Read[In, Out any](name string, title abi.Text, run Handler[In, Out]) Action {
	a := Do(name, title, run)
	a.reads = true
	return a
}

// Do declares an action, noun.verb, that changes something. It must do nothing
// more when it is called again with the same idempotency key: a step whose
// outcome a crash left unknown is simply repeated.
func Do[In, Out any](name string, title abi.Text, run Handler[In, Out]) Action {
	return Action{
		name: name, title: title, input: sdk.SchemaOf[In], output: sdk.SchemaOf[Out],
		run: func(ctx context.Context, call host.Invocation) ([]byte, error) {
			in, err := decode[In](call.Input)
			if err != nil {
				return nil, err
			}
			out, err := run(ctx, call, in)
			if err != nil {
				return nil, err
			}
			return json.Marshal(out)
		},
	}
}

func (a *Action) describe() (abi.Action, error) {
	input, inputErr := a.input()
	output, outputErr := a.output()
	described := abi.Action{
		Name: a.name, Title: a.title, Input: input, Output: output, Reads: a.reads, Idempotent: !a.reads,
	}
	if err := errors.Join(inputErr, outputErr); err != nil {
		return described, fmt.Errorf("types of %s: %w", a.name, err)
	}
	return described, nil
}

// decode reads an input strictly: a field that In lacks is a mistake of the rule.
func decode[In any](raw []byte) (In, error) {
	var in In
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return in, &abi.Error{Kind: abi.Invalid, Message: "reading the input: " + err.Error()}
	}
	return in, nil
}
