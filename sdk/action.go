package sdk

import (
	"fmt"
	"reflect"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// Action is something a connector can do, made by [Read] or [Do].
type Action interface{ declare() action }

// action is what every Action comes down to.
type action struct {
	name       string
	title      abi.Text
	input      reflect.Type
	output     reflect.Type
	reads      bool
	idempotent bool
	run        func(call *Call, input []byte) ([]byte, error)
	confirm    func(call *Call, input []byte) ([]byte, error)
}

// Read declares an action that changes nothing, so that the host may repeat it
// freely. Its name is noun.verb; the schemas are those of In and Out. An input
// field that In does not have is refused before run is called.
func Read[In, Out any](name string, title abi.Text, run func(*Call, In) (Out, error)) Action {
	return reading{declareAction(name, title, run)}
}

type reading struct{ action action }

func (r reading) declare() action {
	r.action.reads = true
	return r.action
}

// Do declares an action that changes something at the platform. After an
// attempt without an answer the host does not repeat it, unless it is
// [Writing.Idempotent] or [Writing.Confirm] tells what became of it.
func Do[In, Out any](name string, title abi.Text, run func(*Call, In) (Out, error)) Writing[In, Out] {
	return Writing[In, Out]{declareAction(name, title, run)}
}

// Writing is an action that changes something.
type Writing[In, Out any] struct{ action action }

// Idempotent says that a repetition with the same input, or with the same
// [Call.IdempotencyKey], changes nothing more.
func (w Writing[In, Out]) Idempotent() Writing[In, Out] {
	w.action.idempotent = true
	return w
}

// Confirm gives the way to find out whether an attempt that got no answer was
// carried out: done and, if so, what it would have answered. The input is that
// of the attempt; [Call.Since] is when the first attempt began.
func (w Writing[In, Out]) Confirm(look func(*Call, In) (out Out, done bool, err error)) Writing[In, Out] {
	w.action.confirm = func(call *Call, input []byte) ([]byte, error) {
		in, err := readInput[In](input)
		if err != nil {
			return nil, err
		}
		out, done, err := look(call, in)
		if err != nil || !done {
			return confirmation(nil, err)
		}
		return confirmation(codec.Marshal(out))
	}
	return w
}

func (w Writing[In, Out]) declare() action { return w.action }

func declareAction[In, Out any](name string, title abi.Text, run func(*Call, In) (Out, error)) action {
	return action{
		name: name, title: title,
		input: reflect.TypeFor[In](), output: reflect.TypeFor[Out](),
		run: func(call *Call, input []byte) ([]byte, error) {
			in, err := readInput[In](input)
			if err != nil {
				return nil, err
			}
			out, err := run(call, in)
			if err != nil {
				return nil, err
			}
			return codec.Marshal(out)
		},
	}
}

// readInput decodes an action's input. Whatever does not fit is the rule's mistake, so Invalid.
func readInput[In any](input []byte) (In, error) {
	var in In
	if err := codec.UnmarshalInput(object(input), &in); err != nil {
		return in, &abi.Error{Kind: abi.Invalid, Message: fmt.Sprintf("reading the input: %v", err)}
	}
	return in, nil
}

// confirmation wraps what a Confirm found; no output means that it was not done.
func confirmation(output []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return codec.Marshal(abi.Confirmation{Done: output != nil, Output: output})
}
